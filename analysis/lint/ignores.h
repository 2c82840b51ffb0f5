/* Comments that silence findings: # postern: ignore NAME[, NAME] -- reason */
#ifndef PN_ANALYSIS_LINT_IGNORES_H
#define PN_ANALYSIS_LINT_IGNORES_H

#include "analysis/lint/context.h"

/*
 * Marks the findings from `first` on that comments in the unit's files silence, and
 * reports comments that silence nothing, or that may not.
 */
void
pn_ignores_apply(struct pn_report *report, const struct pn_unit *unit, size_t first);

#endif
