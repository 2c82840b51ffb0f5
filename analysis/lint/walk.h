/* Walks over the trees of all files: assignments, and uses of names. */
#ifndef PN_ANALYSIS_LINT_WALK_H
#define PN_ANALYSIS_LINT_WALK_H

#include "analysis/lint/context.h"

/* An assignment of a rule or of a group of variables, as it is written. Its nodes and
 * texts are the unit's. */
struct pn_assignment {
    uint32_t file;
    const struct pn_node *node;   /* the ASSIGN */
    const struct pn_node *around; /* the RULE or ENV around it */
    struct pn_str name;
    struct pn_span name_span, value_span; /* the value without its quotes */
};

typedef void (*pn_assignment_fn)(struct pn_lint *lint, const struct pn_assignment *a);

/* Calls `take` for each assignment, in the order of the files. */
void
pn_lint_assignments(struct pn_lint *lint, pn_assignment_fn take);

/* Called with each target and group of variables that a file names, wherever it is. */
typedef void (*pn_use_fn)(void *payload, struct pn_lint *lint, uint32_t file,
                          const struct pn_node *node);

void
pn_lint_uses(struct pn_lint *lint, pn_use_fn take, void *payload);

/* Counts how often each definition is named; false without memory. */
bool
pn_lint_count_uses(struct pn_lint *lint);

#endif
