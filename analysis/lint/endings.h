/* How a file is saved: byte order marks, carriage returns, a last line without its end.
 */
#ifndef PN_ANALYSIS_LINT_ENDINGS_H
#define PN_ANALYSIS_LINT_ENDINGS_H

#include "analysis/lint/context.h"

/* P706 of a file. */
void
pn_lint_endings(struct pn_lint *lint, uint32_t file);

/* The mend of a finding that is about carriage returns: all of the file go. */
void
pn_lint_returns_edit(struct pn_lint *lint, struct pn_finding *f, uint32_t file);

/*
 * Whether a classic line that begins so is what it is for the mark before it alone:
 * what is wrong with it is told of once, as the mark.
 */
bool
pn_lint_is_marked(const struct pn_lint *lint, uint32_t file, struct pn_span span);

#endif
