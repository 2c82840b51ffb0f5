/* An extended source as rules: names resolved, literals decoded, each with its place.
 */
#ifndef PN_COMPILER_POLICY_H
#define PN_COMPILER_POLICY_H

#include "compiler/space.h"
#include "compiler/unit.h"

/* Offsets lead into pn_policy.text; sizes are in bytes. */
struct pn_policy_rule {
    uint32_t verdict; /* enum postern_verdict */
    uint32_t env, env_size;
    uint32_t target, target_size; /* the targets as their author wrote them */
    uint32_t file, file_size;
    uint32_t line;
};

struct pn_policy {
    struct pn_policy_rule *rules; /* in the order they are written, includes in place */
    size_t count, capacity;
    struct pn_buffer text;
    struct pn_space space;
    bool failed; /* out of memory */
};

/*
 * Makes the rules and the space of a unit. What is wrong goes to the unit's
 * diagnostics; a rule with a fault is of no use then. Clear it in any case.
 */
void
pn_policy_build(struct pn_policy *policy, struct pn_unit *unit);

void
pn_policy_clear(struct pn_policy *policy);

#endif
