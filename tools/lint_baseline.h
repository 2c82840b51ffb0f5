/*
 * Baselines, files of known findings: sorted lines of file, code, target and outcome.
 */
#ifndef PN_TOOLS_LINT_BASELINE_H
#define PN_TOOLS_LINT_BASELINE_H

#include "analysis/lint/finding.h"
#include "tools/tool.h"

/* An operand of the run, by pn_finding.operand. */
struct pn_baseline_file {
    const char *name; /* the caller's */
    bool read;        /* otherwise its lines are kept */
};

struct pn_baseline {
    struct pn_tool *tool;
    const char *name; /* its own file */
    const struct pn_baseline_file *files;
    size_t count;
};

/*
 * Marks the findings that a baseline knows, and reports its entries for files that
 * were read whose finding is gone; with `fix` they are taken out instead. A line
 * without a file, as they were once, is of any. Returns an enum pn_exit.
 */
int
pn_baseline_apply(const struct pn_baseline *baseline, struct pn_report *report,
                  bool fix);

/*
 * Writes a baseline of all findings. What it had of operands that could not be read
 * stays. Returns an enum pn_exit.
 */
int
pn_baseline_write(const struct pn_baseline *baseline, const struct pn_report *report);

#endif
