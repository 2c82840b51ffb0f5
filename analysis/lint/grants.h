/* P502 to P504: what a name or an ident gives a client, or takes from it, and how it
 * can be forged or avoided. */
#ifndef PN_ANALYSIS_LINT_GRANTS_H
#define PN_ANALYSIS_LINT_GRANTS_H

#include "analysis/lint/context.h"

void
pn_grants_lint(struct pn_lint *lint);

#endif
