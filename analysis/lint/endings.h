/* How a file is saved: byte order marks, carriage returns, a last line without its end.
 */
#ifndef PN_ANALYSIS_LINT_ENDINGS_H
#define PN_ANALYSIS_LINT_ENDINGS_H

#include "analysis/lint/context.h"

/* Reports P706 for a file. */
void
pn_lint_endings(struct pn_lint *lint, uint32_t file);

/* Adds edits that delete all carriage returns of the file. */
void
pn_lint_returns_edit(struct pn_lint *lint, struct pn_finding *f, uint32_t file);

/*
 * Is the byte order mark before a classic line the only reason for what is wrong with
 * it? Then only the mark is reported.
 */
bool
pn_lint_is_marked(const struct pn_lint *lint, uint32_t file, struct pn_span span);

#endif
