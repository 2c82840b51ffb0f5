/* P306: elements of a set or list that change nothing. */
#ifndef PN_ANALYSIS_LINT_REDUNDANT_ELEMENTS_H
#define PN_ANALYSIS_LINT_REDUNDANT_ELEMENTS_H

#include "analysis/lint/context.h"

/* Of an item that decides something and is not redundant as a whole. */
void
pn_redundant_elements_lint(struct pn_lint *lint,
                           const struct pn_collection *collection);

#endif
