/* P612: a variable whose absence gives a client everything, and rules that leave it
 * out. */
#ifndef PN_ANALYSIS_LINT_ABSENCE_H
#define PN_ANALYSIS_LINT_ABSENCE_H

#include "analysis/lint/context.h"

void
pn_absence_lint(struct pn_lint *lint);

#endif
