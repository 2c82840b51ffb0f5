/* A decision as the claims of an expectation. */
#ifndef PN_TOOLS_RENDER_ASSERTIONS_H
#define PN_TOOLS_RENDER_ASSERTIONS_H

#include "base/output.h"
#include "postern/rules.h"

/* "deny, reject "text"", or "allow, NAME="value", limit 3": names that claims cannot
 * say are left out. */
void
pn_assertions_write(struct pn_output *out, const struct postern_decision *decision);

/* May a claim name it? */
bool
pn_assertion_name_is_fine(struct postern_str name);

/* Can an expectation be of this query? Not of a host that the language cannot name. */
bool
pn_assertion_query_is_fine(const struct postern_query *query);

/* Says in a comment that none is. */
void
pn_assertion_unsayable_write(struct pn_output *out, const struct postern_query *query);

/* Does a decision set a variable? */
bool
pn_decision_sets(const struct postern_decision *decision, struct postern_str name);

#endif
