/*
 * What a change of policy does to what the policy claims: the claims of the old one
 * that those of the new one do not imply. What the rules decide is not looked at.
 */
#ifndef PN_ANALYSIS_CLAIMS_CHANGE_H
#define PN_ANALYSIS_CLAIMS_CHANGE_H

#include "compiler/program.h"

enum pn_claim_fate {
    PN_CLAIM_REMOVED, /* no claim of the new policy stands in its place */
    PN_CLAIM_WEAKENED /* one does, for fewer queries or with less to say of them */
};

struct pn_claim_change {
    enum pn_claim_fate fate;
    const struct pn_statement *statement; /* of the old policy's claims, and as good */
};

struct pn_claim_changes {
    struct pn_claim_change *items; /* in the order of the old source */
    size_t count, capacity;
};

/* Compares the claims of two policies. False without memory; clear it in any case. */
bool
pn_claims_compare(const struct pn_program *old_program,
                  const struct pn_program *new_program, struct pn_claim_changes *out);

void
pn_claim_changes_clear(struct pn_claim_changes *changes);

#endif
