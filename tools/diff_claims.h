/* The claims that a change takes away, as diff tells of them. */
#ifndef PN_TOOLS_DIFF_CLAIMS_H
#define PN_TOOLS_DIFF_CLAIMS_H

#include "analysis/claims_change.h"
#include "tools/render/changes.h"
#include "tools/rules_pair.h"

struct pn_diff_claims {
    struct pn_program programs[2];
    char *tests[2]; /* names of the files of tests that are in them, or NULL */
    struct pn_claim_changes changes;
    struct pn_claim_line *lines; /* as many as there are changes */
};

/*
 * Compares the claims of two sources and of the files of tests beside them; a compiled
 * file has none, and then nothing is compared. Returns an enum pn_exit; clear it in any
 * case.
 */
int
pn_diff_claims_find(struct pn_diff_claims *out, struct pn_tool *tool,
                    const struct pn_rules_pair *pair, uint32_t as_of);

void
pn_diff_claims_clear(struct pn_diff_claims *claims);

#endif
