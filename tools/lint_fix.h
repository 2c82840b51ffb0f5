/* Mends of findings, applied: in rounds, and proven to change no decision. */
#ifndef PN_TOOLS_LINT_FIX_H
#define PN_TOOLS_LINT_FIX_H

#include "analysis/lint/lint.h"
#include "tools/drafts.h"

/* What is fixed, and with what. */
struct pn_fixing {
    struct pn_tool *tool;
    const struct pn_lint_options *options; /* its reader is replaced */
    const bool *on;                        /* the checks that are asked for */
    const char *name, *tests;
    bool unsafe;
    bool root_only;          /* what is included stays as it is */
    size_t applied, refused; /* refused: those that could not be proven */
    bool unprovable;         /* the policy does not compile: nothing safe was done */
};

/*
 * Applies all that can be to drafts of the root and what it includes; nothing is
 * written. Returns an enum pn_exit.
 */
int
pn_fix_run(struct pn_fixing *fixing, struct pn_drafts *drafts);

#endif
