/*
 * What a finding rests on: hand-written text alone, or what `file` lists hold now. A
 * feed is another one tomorrow, so what rests on it is a note, and its mend not safe.
 */
#ifndef PN_ANALYSIS_LINT_LIST_DEPENDENCE_H
#define PN_ANALYSIS_LINT_LIST_DEPENDENCE_H

#include "analysis/lint/context.h"

/* Which items are lists, and the policy with all of them empty. False without memory;
 * clear it in any case. */
bool
pn_list_dependence_make(struct pn_lint *lint, const struct pn_source *root,
                        const char *tests);

void
pn_list_dependence_clear(struct pn_lint *lint);

/* Does a list have a part in what an item names, or in what is taken out of it? */
bool
pn_depends_item(const struct pn_lint *lint, uint32_t item);

/* Does one among items, or in what is taken out of them? */
bool
pn_depends_nodes(const struct pn_lint *lint, uint32_t file,
                 const struct pn_node *nodes);

/* An item decides nothing: might it, if lists held something else? */
bool
pn_depends_dead(const struct pn_lint *lint, uint32_t item);

/*
 * Nothing changes without an item: might it, if lists held something else? Then it
 * would be needed where nothing is listed, or where it stands before what is.
 */
bool
pn_depends_redundant(const struct pn_lint *lint, uint32_t item);

/* An item becomes part of a longer or shorter one with its outcome: might some list
 * have an entry of another outcome between? */
bool
pn_depends_merged(const struct pn_lint *lint, uint32_t item);

/* Do addresses of one family fall to the default where no list holds them? */
bool
pn_depends_gap(const struct pn_lint *lint, size_t family);

/* Makes a finding a note that says so, where it rests on lists; called before it gets
 * its edits. NULL is taken. */
void
pn_depends_report(struct pn_lint *lint, struct pn_finding *finding, bool depends);

#endif
