/*
 * What a finding rests on: hand-written text alone, or what `file` lists hold now. A
 * feed is another one tomorrow, so what rests on it is a note, and its mend not safe.
 */
#ifndef PN_ANALYSIS_LINT_RESTS_H
#define PN_ANALYSIS_LINT_RESTS_H

#include "analysis/lint/lint.h"

/* Which targets are lists, and the policy with all of them empty. False without memory;
 * clear it in any case. */
bool
pn_rests_make(struct pn_lint *lint, const struct pn_source *root, const char *tests);

void
pn_rests_clear(struct pn_lint *lint);

/* Does a list have a part in what a target names, or in what is taken out of it? */
bool
pn_lint_is_listed(const struct pn_lint *lint, uint32_t target);

/* Does one among targets, or in what is taken out of them? */
bool
pn_rests_nodes(const struct pn_lint *lint, uint32_t file, const struct pn_node *nodes);

/* A target decides nothing: might it, if lists held something else? */
bool
pn_rests_dead(const struct pn_lint *lint, uint32_t target);

/*
 * Nothing changes without a target: might it, if lists held something else? Then it
 * would be needed where nothing is listed, or where it stands before what is.
 */
bool
pn_rests_redundant(const struct pn_lint *lint, uint32_t target);

/* A target becomes part of a longer or shorter one with its outcome: might some list
 * have an entry of another outcome between? */
bool
pn_rests_merged(const struct pn_lint *lint, uint32_t target);

/* Do addresses of one family fall to the default where no list holds them? */
bool
pn_rests_gap(const struct pn_lint *lint, size_t family);

/* Makes a finding a note that says so, where it rests on lists; called before it gets
 * its edits. NULL is taken. */
void
pn_rests_tell(struct pn_lint *lint, struct pn_finding *finding, bool rests);

#endif
