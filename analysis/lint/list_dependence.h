/*
 * Does a finding depend on the present content of `file` lists? A feed is another one
 * tomorrow, so such a finding is a note, and its fix is not safe.
 */
#ifndef PN_ANALYSIS_LINT_LIST_DEPENDENCE_H
#define PN_ANALYSIS_LINT_LIST_DEPENDENCE_H

#include "analysis/lint/context.h"

/* Finds the items with lists, and makes the policy with all lists empty. False without
 * memory; clear it in any case. */
bool
pn_list_dependence_make(struct pn_lint *lint, const struct pn_source *root,
                        const char *tests);

void
pn_list_dependence_clear(struct pn_lint *lint);

/* Has an item elements from a list, or an `except` with such? */
bool
pn_depends_item(const struct pn_lint *lint, uint32_t item);

/* Has one among these targets, or an `except` of them? */
bool
pn_depends_nodes(const struct pn_lint *lint, uint32_t file,
                 const struct pn_node *nodes);

/* An item decides nothing now: might it, with other lists? */
bool
pn_depends_dead(const struct pn_lint *lint, uint32_t item);

/*
 * An item is redundant now: might it not be, with other lists? That is so when it is
 * needed while all are empty, or when it decides before a list.
 */
bool
pn_depends_redundant(const struct pn_lint *lint, uint32_t item);

/* An item is to be merged into one with its outcome: might a list have an entry with
 * another outcome between the two? */
bool
pn_depends_merged(const struct pn_lint *lint, uint32_t item);

/* Would addresses of a family fall to the default if the lists were empty? */
bool
pn_depends_gap(const struct pn_lint *lint, size_t family);

/* Makes a finding that depends on lists a note that says so; to be called before edits
 * are added. Does nothing with NULL. */
void
pn_depends_report(struct pn_lint *lint, struct pn_finding *finding, bool depends);

#endif
