/* Expectations and proofs that prove little, and lists that have shrunk. */
#ifndef PN_ANALYSIS_LINT_EXPECTATIONS_H
#define PN_ANALYSIS_LINT_EXPECTATIONS_H

#include "analysis/lint/context.h"

void
pn_expectations_lint(struct pn_lint *lint);

/* Reports P810: lists that are much smaller than in an older compiled file. */
void
pn_shrunk_definitions_lint(struct pn_lint *lint);

#endif
