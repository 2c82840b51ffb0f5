/*
 * Equivalence classes of items by what they may grant: verdict and known variables. A
 * variable that nobody knows makes no difference, whatever its value.
 */
#ifndef PN_ANALYSIS_LINT_GRANT_CLASSES_H
#define PN_ANALYSIS_LINT_GRANT_CLASSES_H

#include "analysis/lint/context.h"

/* Two items of one class are the same to pn_lint_treatment(): it finds the same change,
 * privilege and name. */
struct pn_grant_classes {
    const struct pn_lint *lint;
    uint32_t *of;
    uint8_t *serves;
    bool any_privileged; /* an item sets a privileged variable */
    bool any_refused;    /* an item allows, and does not serve */
};

/* False without memory; clear it in any case. */
bool
pn_grant_classes_make(struct pn_grant_classes *classes, const struct pn_lint *lint);

void
pn_grant_classes_clear(struct pn_grant_classes *classes);

/* The class of an item; of PN_RULE_NONE itself. */
static inline uint32_t
pn_grant_class(const struct pn_grant_classes *classes, uint32_t item)
{
    return item == PN_RULE_NONE ? PN_RULE_NONE : classes->of[item];
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

/* Equivalence classes of hosts by their rules without ident: the first of each class,
 * and after each host the next one of its class. */
struct pn_grant_hosts {
    const struct pn_lint *lint;
    uint32_t *firsts[2], *next[2]; /* by class, and by outcome */
    size_t first_counts[2];
    /* for one ident, ascending: representatives of all hosts, and those that it has
     * rules for */
    uint32_t *items, *named;
    uint8_t *marks;
    size_t count, named_count;
};

/* For all candidates that the server looks up. False without memory; clear it in any
 * case. */
bool
pn_grant_hosts_make(struct pn_grant_hosts *hosts,
                    const struct pn_grant_classes *classes,
                    const struct pn_host_rules *none);

void
pn_grant_hosts_clear(struct pn_grant_hosts *hosts);

/* Fills `items` and `named` for the rules of an ident. */
void
pn_grant_hosts_of(struct pn_grant_hosts *hosts, const struct pn_host_rules *own,
                  bool by_value);

#endif
