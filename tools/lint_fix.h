/* Mends of findings, applied: in rounds, and proven to change no decision. */
#ifndef PN_TOOLS_LINT_FIX_H
#define PN_TOOLS_LINT_FIX_H

#include "analysis/lint/lint.h"
#include "tools/tool.h"

/* A file as it will be. */
struct pn_draft {
    char *path;
    struct pn_buffer before, text;
};

/* The files that were touched; what is not here is as it is on disk. */
struct pn_drafts {
    struct pn_draft *items;
    size_t count, capacity;
};

/* A pn_read_fn whose payload is a struct pn_drafts. */
bool
pn_drafts_read(void *payload, const char *path, size_t limit, struct pn_source *out);

void
pn_drafts_clear(struct pn_drafts *drafts);

/* What is fixed, and with what. */
struct pn_fixing {
    struct pn_tool *tool;
    const struct pn_lint_options *options; /* its reader is replaced */
    const bool *on;                        /* the checks that are asked for */
    const char *name, *tests;
    bool unsafe;
    size_t applied, refused; /* refused: those that could not be proven */
    bool unprovable;         /* the policy does not compile: nothing safe was done */
};

/*
 * Applies all that can be to drafts of the root and what it includes; nothing is
 * written. Returns an enum pn_exit.
 */
int
pn_fix_run(struct pn_fixing *fixing, struct pn_drafts *drafts);

/* Writes the drafts over their files, each whole or not at all. */
int
pn_drafts_write(struct pn_tool *tool, const struct pn_drafts *drafts);

/* The drafts beside the files, as patch(1) reads it. */
void
pn_drafts_diff(struct pn_output *out, const struct pn_drafts *drafts);

#endif
