/*
 * Which items are alike to whoever looks for what can be more or less than what
 * others have: a variable that nobody knows makes no difference to that, whatever its
 * value.
 */
#ifndef PN_ANALYSIS_LINT_GRANT_CLASSES_H
#define PN_ANALYSIS_LINT_GRANT_CLASSES_H

#include "analysis/lint/context.h"

/* Of each item, a number: with equal ones pn_lint_treatment() finds the same that is
 * more, less and privileged, and the same name for it. */
struct pn_grant_classes {
    const struct pn_lint *lint;
    uint32_t *of;
    uint8_t *serves;
    bool any_privileged; /* some item sets a variable that is */
    bool any_refused;    /* some item allows, and does not serve */
};

/* False without memory; clear it in any case. */
bool
pn_grant_classes_make(struct pn_grant_classes *classes, const struct pn_lint *lint);

void
pn_grant_classes_clear(struct pn_grant_classes *classes);

/* Of an item, or PN_NATIVE_NONE. */
static inline uint32_t
pn_grant_class(const struct pn_grant_classes *classes, uint32_t item)
{
    return item == PN_NATIVE_NONE ? PN_NATIVE_NONE : classes->of[item];
}

static inline bool
pn_grant_serves(const struct pn_grant_classes *classes, uint32_t item)
{
    return classes->serves[item];
}

/* The outcome of an item, as far as it can be a grant: denied or not, and the
 * environment by its offset. Terms make no difference; analysis/classes.h has them,
 * too. */
uint32_t
pn_grant_outcome(const struct pn_lint *lint, uint32_t item);

/* Which hosts have alike rules without ident: the first of each kind, and the next one
 * of its kind to each. */
struct pn_grant_hosts {
    const struct pn_lint *lint;
    uint32_t *firsts[2], *next[2]; /* by gains, and by value */
    size_t first_counts[2];
    /* of an ident: all, ascending, that stand for the others, and those that it names
     */
    uint32_t *items, *named;
    uint8_t *marks;
    size_t count, named_count;
};

/* Of those that are asked with. False without memory; clear it in any case. */
bool
pn_grant_hosts_make(struct pn_grant_hosts *hosts,
                    const struct pn_grant_classes *classes,
                    const struct pn_host_rules *none);

void
pn_grant_hosts_clear(struct pn_grant_hosts *hosts);

/* Fills items and named for what an ident's rules say. */
void
pn_grant_hosts_of(struct pn_grant_hosts *hosts, const struct pn_host_rules *own,
                  bool by_value);

#endif
