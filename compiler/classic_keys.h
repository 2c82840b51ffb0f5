/* The keys of a policy in the classic format, as far as that can express it. */
#ifndef PN_COMPILER_CLASSIC_KEYS_H
#define PN_COMPILER_CLASSIC_KEYS_H

#include "compiler/policy.h"

enum { PN_CLASSIC_KEYS_MAX = 65536 }; /* that one rule may become */

/* Keys in the order of writing; their texts follow one another. */
struct pn_classic_keys {
    struct pn_intern keys;
    uint32_t *rules; /* of each key */
    size_t capacity;
    uint32_t *counts;      /* for each rule, the number of its keys so far */
    enum pn_diag_id fault; /* PN_DIAG_NONE: none */
    uint32_t fault_rule;   /* the rule that has no classic form */
    uint32_t six_rule;     /* one that has IPv6 keys, or PN_RULE_NONE */
    bool failed;           /* out of memory */
};

/*
 * Finds keys for a finished policy. Whether they decide as the policy does is for the
 * caller to prove. Clear it in any case.
 */
void
pn_classic_keys_make(struct pn_classic_keys *out, struct pn_policy *policy);

void
pn_classic_keys_clear(struct pn_classic_keys *keys);

#endif
