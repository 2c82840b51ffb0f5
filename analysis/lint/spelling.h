/* P117: keys that match some clients of a network by how their addresses are written.
 * */
#ifndef PN_ANALYSIS_LINT_SPELLING_H
#define PN_ANALYSIS_LINT_SPELLING_H

#include "analysis/lint/context.h"

/* Checks an item of a classic file. */
void
pn_spelling_lint(struct pn_lint *lint, uint32_t item);

#endif
