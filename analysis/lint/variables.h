/* What variables mean to the programs behind a server. */
#ifndef PN_ANALYSIS_LINT_VARIABLES_H
#define PN_ANALYSIS_LINT_VARIABLES_H

#include "base/source.h"

/* What a variable does to a client, by being set and by its value. */
enum pn_effect {
    PN_EFFECT_UNKNOWN,   /* it is not in the table */
    PN_EFFECT_GRANTS,    /* set, whatever its value: the client may do more */
    PN_EFFECT_RESTRICTS, /* set, whatever its value: the client may do less */
    PN_EFFECT_REFUSAL,   /* empty: the client is spared checks; a text: it is refused */
    PN_EFFECT_CEILING,   /* a maximum for the client; 0 or unset: no limit */
    PN_EFFECT_BOUND,     /* the same, but unset another limit applies elsewhere */
    PN_EFFECT_REQUIREMENT, /* a number that makes it harder for the client; unset is 0
                            */
    PN_EFFECT_NARROWS,     /* the client may have these parts; unset: everything */
    PN_EFFECT_OTHER,       /* it changes the treatment, to neither more nor less */
    PN_EFFECT_NOTHING      /* it means something to other servers, and nothing here */
};

/* What a change means for a client; several can apply. */
enum pn_change {
    PN_CHANGE_NONE = 0,
    PN_CHANGE_MORE = 1, /* it may do more */
    PN_CHANGE_LESS = 2, /* it may do less */
    PN_CHANGE_OTHER = 4 /* it is treated otherwise; more or less is not known */
};

/* The effect of a name. Names are compared byte by byte, as programs do. */
enum pn_effect
pn_variable_effect(struct pn_str name);

/* Variable number `index` of those with an effect; false at the end. */
bool
pn_variable_by_effect(enum pn_effect effect, size_t index, struct pn_str *out);

/* The separator of the parts of a variable's value; '\0' when it has no parts. */
char
pn_variable_separator(struct pn_str name);

/*
 * What a client gains and loses when the value of a variable becomes `after` instead of
 * `before`; ptr NULL: it is unset. PN_CHANGE_OTHER for a name that is not in the table
 * when the values differ.
 */
unsigned
pn_variable_change(struct pn_str name, struct pn_str before, struct pn_str after);

/* A name of the table with an effect that this one nearly is; or NULL. */
const char *
pn_variable_near(struct pn_str name);

#endif
