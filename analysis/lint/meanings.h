/* P608, P611, P613 and P614: what is known about variables by their names. */
#ifndef PN_ANALYSIS_LINT_MEANINGS_H
#define PN_ANALYSIS_LINT_MEANINGS_H

#include "analysis/lint/context.h"
#include "analysis/lint/walk.h"

void
pn_meanings_lint(struct pn_lint *lint, const struct pn_assignment *a);

#endif
