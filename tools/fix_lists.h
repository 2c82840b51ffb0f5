/* The proof of a fix, whatever the lists of a policy may hold. */
#ifndef PN_TOOLS_FIX_LISTS_H
#define PN_TOOLS_FIX_LISTS_H

#include "tools/fix_proof.h"

/*
 * Do both drafts decide every query alike, for every content that their lists could
 * have? PN_OTHER where they do not, and where there is too much to try. It is of no use
 * without lists, and costs a compile of both for each content that can matter.
 */
enum pn_same_result
pn_fix_prove_lists(const struct pn_fix_operand *operand, struct pn_drafts *before,
                   struct pn_drafts *after);

#endif
