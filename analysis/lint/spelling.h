/* P117: keys that some clients of a network ask for, by how they are written. */
#ifndef PN_ANALYSIS_LINT_SPELLING_H
#define PN_ANALYSIS_LINT_SPELLING_H

#include "analysis/lint/context.h"

/* Of an item of a classic file. */
void
pn_spelling_lint(struct pn_lint *lint, uint32_t item);

#endif
