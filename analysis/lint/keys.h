/* What the author of a faulty classic key may have meant. */
#ifndef PN_ANALYSIS_LINT_KEYS_H
#define PN_ANALYSIS_LINT_KEYS_H

#include "analysis/lint/context.h"

/* Adds an edit for each alternative to a finding of this check about an item. */
void
pn_lint_key_edits(struct pn_lint *lint, struct pn_finding *finding, uint32_t item,
                  enum pn_check check);

#endif
