/* How one item treats a client that another item would decide otherwise. */
#ifndef PN_ANALYSIS_LINT_TREATMENT_H
#define PN_ANALYSIS_LINT_TREATMENT_H

#include "analysis/lint/context.h"
#include "analysis/lint/variables.h"

/* Is a variable one of those that give more than admission? */
bool
pn_lint_is_privileged(const struct pn_lint *lint, struct pn_str name);

/* The value that an item sets a variable to; ptr NULL when it does not. */
struct pn_str
pn_lint_value(const struct pn_lint *lint, uint32_t item, struct pn_str name);

/* Are the clients of an item served? Not when it denies, or leaves them to rblsmtpd to
 * be refused. False for PN_RULE_NONE. */
bool
pn_lint_serves(const struct pn_lint *lint, uint32_t item);

/* The difference between two items. */
struct pn_treatment {
    unsigned change;    /* all of enum pn_change that apply */
    bool privileged;    /* what it has more is a privileged variable */
    struct pn_str name; /* a variable with the worst change; ptr NULL: the verdict */
};

/* `other` may be PN_RULE_NONE, which denies. */
struct pn_treatment
pn_lint_treatment(const struct pn_lint *lint, uint32_t item, uint32_t other);

#endif
