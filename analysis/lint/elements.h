/* P306: elements of a set or list that change nothing. */
#ifndef PN_ANALYSIS_LINT_ELEMENTS_H
#define PN_ANALYSIS_LINT_ELEMENTS_H

#include "analysis/lint/lint.h"

/* Tells of the idle elements of a target that lives itself. */
void
pn_elements_idle(struct pn_lint *lint, const struct pn_part *part);

#endif
