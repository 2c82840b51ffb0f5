/* The passes of the linter: one for each family, the column of checks.def. */
#ifndef PN_ANALYSIS_LINT_PASSES_H
#define PN_ANALYSIS_LINT_PASSES_H

#include "analysis/lint/context.h"

#define X(id, code, name, severity, dialects, fix, removes, family, text) \
    void pn_lint_##family(struct pn_lint *lint);
#include "analysis/lint/checks.def"
#undef X

typedef void (*pn_lint_pass_fn)(struct pn_lint *lint);

/* All passes, in the order of the catalogue; how many there are. No pass reads what
 * another one has made: they may run in any order. */
size_t
pn_lint_passes(pn_lint_pass_fn out[PN_CHECK_NONE]);

/*
 * pn_lint_run() in steps: begin, the passes, end. The caller has set options, report,
 * loaded and diags. Begin returns true when there is a policy to run passes over; end
 * is called in any case and returns what pn_lint_run() does.
 */
bool
pn_lint_begin(struct pn_lint *lint, const struct pn_source *root, const char *tests);

bool
pn_lint_end(struct pn_lint *lint);

#endif
