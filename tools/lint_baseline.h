/* Findings that are known already: sorted lines of code, target and outcome. */
#ifndef PN_TOOLS_LINT_BASELINE_H
#define PN_TOOLS_LINT_BASELINE_H

#include "analysis/lint/finding.h"
#include "tools/tool.h"

/*
 * Marks the findings that a baseline knows, and tells of what it knows and is there no
 * more. Returns an enum pn_exit.
 */
int
pn_baseline_apply(struct pn_tool *tool, const char *name, struct pn_report *report);

/* Writes a baseline of all findings; with `keep_known` only of those it knew. */
int
pn_baseline_write(struct pn_tool *tool, const char *name,
                  const struct pn_report *report, bool keep_known);

#endif
