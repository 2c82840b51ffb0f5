/* P502 to P504: what a name or an ident gives, or takes, that can be had without. */
#ifndef PN_ANALYSIS_LINT_GRANTS_H
#define PN_ANALYSIS_LINT_GRANTS_H

#include "analysis/lint/context.h"

void
pn_grants_lint(struct pn_lint *lint);

#endif
