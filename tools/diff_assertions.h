/* The claims that a change takes away, as diff reports them. */
#ifndef PN_TOOLS_DIFF_ASSERTIONS_H
#define PN_TOOLS_DIFF_ASSERTIONS_H

#include "analysis/assertions_change.h"
#include "tools/input/rules_pair.h"
#include "tools/render/changes.h"

struct pn_diff_assertions {
    struct pn_loaded_policy loaded[2];
    char *tests[2]; /* names of the files of tests that are in them, or NULL */
    struct pn_assertion_changes changes;
    struct pn_assertion_line *lines; /* as many as there are changes */
};

/*
 * Compares the claims of two sources and of the files of tests beside them; a compiled
 * file has none, and then nothing is compared. Returns an enum pn_exit; clear it in any
 * case.
 */
int
pn_diff_assertions_find(struct pn_diff_assertions *out, struct pn_tool *tool,
                        const struct pn_rules_pair *pair, uint32_t as_of);

void
pn_diff_assertions_clear(struct pn_diff_assertions *assertions);

#endif
