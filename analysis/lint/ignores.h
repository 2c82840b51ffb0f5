/* Comments that silence findings: # postern: ignore NAME[, NAME] -- reason */
#ifndef PN_ANALYSIS_LINT_IGNORES_H
#define PN_ANALYSIS_LINT_IGNORES_H

#include "analysis/lint/context.h"

/*
 * Marks what the comments of a unit's files silence among the findings from `first` on,
 * and tells of comments that silence nothing, or may not.
 */
void
pn_ignores_apply(struct pn_report *report, const struct pn_unit *unit, size_t first);

#endif
