/* The proof of a fix: policies of before and after, for all that are made of it. */
#ifndef PN_TOOLS_FIX_PROOF_H
#define PN_TOOLS_FIX_PROOF_H

#include "tools/fixing.h"

enum pn_same_result {
    PN_SAME,
    PN_OTHER,
    PN_UNKNOWN
}; /* errno says why it is unknown */

/* Is a policy made of one of the files that differ between these drafts? */
bool
pn_fix_is_concerned(const struct pn_fix_operand *operand,
                    const struct pn_drafts *before, const struct pn_drafts *after);

/* Do both decide every query alike for an operand, and does no expectation break? */
enum pn_same_result
pn_fix_prove(const struct pn_fix_operand *operand, struct pn_drafts *before,
             struct pn_drafts *after);

#endif
