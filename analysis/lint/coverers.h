/* The rules that decide instead of a rule that decides nothing. */
#ifndef PN_ANALYSIS_LINT_COVERERS_H
#define PN_ANALYSIS_LINT_COVERERS_H

#include "analysis/lint/context.h"
#include "compiler/unicast.h"

/* Links all items that cover an item's addresses: the largest first, then the first in
 * the source, then the largest with another outcome, then the others. */
void
pn_coverers_link(struct pn_lint *lint, struct pn_finding *finding, uint32_t item);

#endif
