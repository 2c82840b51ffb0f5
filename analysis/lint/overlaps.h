/* P407: sets of two rules that have addresses in common. */
#ifndef PN_ANALYSIS_LINT_OVERLAPS_H
#define PN_ANALYSIS_LINT_OVERLAPS_H

#include "analysis/lint/context.h"

void
pn_overlaps_lint(struct pn_lint *lint);

#endif
