/* What variables that programs behind a server read do to a client. */
#ifndef PN_ANALYSIS_LINT_VARIABLES_H
#define PN_ANALYSIS_LINT_VARIABLES_H

#include "base/source.h"

/* What a variable does, by being set and by its value. */
enum pn_effect {
    PN_EFFECT_UNKNOWN,   /* nobody here knows it */
    PN_EFFECT_GRANTS,    /* set, whatever its value: the client may do more */
    PN_EFFECT_RESTRICTS, /* set, whatever its value: the client may do less */
    PN_EFFECT_REFUSAL,   /* empty: the client is spared checks; a text: it is refused */
    PN_EFFECT_CEILING,   /* a number of what it may; none is 0, or not set */
    PN_EFFECT_BOUND,     /* the same, but not set there is another one elsewhere */
    PN_EFFECT_REQUIREMENT, /* a number of what stands in its way; not set is 0 */
    PN_EFFECT_NARROWS, /* it may have these parts, and everything when it is not set */
    PN_EFFECT_OTHER,   /* it is treated otherwise, which is no more and no less */
    PN_EFFECT_NOTHING  /* it has a meaning elsewhere, and none here */
};

/* What becomes of a client when something changes; several can be. */
enum pn_change {
    PN_CHANGE_NONE = 0,
    PN_CHANGE_MORE = 1, /* it may do more, */
    PN_CHANGE_LESS = 2, /* less, */
    PN_CHANGE_OTHER = 4 /* or nobody knows which */
};

/* Names are compared byte by byte: programs look for them so. */
enum pn_effect
pn_variable_effect(struct pn_str name);

/* The variable number `index` of an effect; false when there are not so many. */
bool
pn_variable_by_effect(enum pn_effect effect, size_t index, struct pn_str *out);

/* What separates the parts of a variable's value; '\0' when it has none. */
char
pn_variable_separator(struct pn_str name);

/*
 * What a client gains and loses when a variable has the value `after` in the place of
 * `before`: of either, ptr NULL is that it is not set. Of a name that is not in the
 * table, PN_CHANGE_OTHER where they differ.
 */
unsigned
pn_variable_change(struct pn_str name, struct pn_str before, struct pn_str after);

/* A name of the table that does something, and this one is nearly; or NULL. */
const char *
pn_variable_near(struct pn_str name);

#endif
