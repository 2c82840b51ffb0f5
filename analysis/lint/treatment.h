/* What one item does to a client that another does not. */
#ifndef PN_ANALYSIS_LINT_TREATMENT_H
#define PN_ANALYSIS_LINT_TREATMENT_H

#include "analysis/lint/context.h"
#include "analysis/lint/variables.h"

/* Is a variable one of those that give more than being let in? */
bool
pn_lint_is_privileged(const struct pn_lint *lint, struct pn_str name);

/* The value that an item sets a variable to; ptr NULL when it does not. */
struct pn_str
pn_lint_value(const struct pn_lint *lint, uint32_t item, struct pn_str name);

/* Is who has this item served? Not who is denied, nor who is given to rblsmtpd to be
 * refused. PN_NATIVE_NONE serves nobody. */
bool
pn_lint_serves(const struct pn_lint *lint, uint32_t item);

/* How one item treats a client that another would have. */
struct pn_treatment {
    unsigned change;    /* enum pn_change, all that hold */
    bool privileged;    /* a privileged variable is what it has more */
    struct pn_str name; /* a variable of the worst change; ptr NULL: the verdict is */
};

/* `other` may be PN_NATIVE_NONE: denied by nobody in particular. */
struct pn_treatment
pn_lint_treatment(const struct pn_lint *lint, uint32_t item, uint32_t other);

#endif
