/* Expectations and proofs that say little, and lists that lost much. */
#ifndef PN_ANALYSIS_LINT_EXPECTATIONS_H
#define PN_ANALYSIS_LINT_EXPECTATIONS_H

#include "analysis/lint/context.h"

void
pn_expectations_lint(struct pn_lint *lint);

/* P810: lists beside what an older compiled file has of them. */
void
pn_shrunk_lint(struct pn_lint *lint);

#endif
