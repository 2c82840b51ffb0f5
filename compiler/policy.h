/* An extended source as rules: names resolved, literals decoded, each with its place.
 */
#ifndef PN_COMPILER_POLICY_H
#define PN_COMPILER_POLICY_H

#include "base/diagnostic.h"
#include "compiler/space.h"
#include "grammar/tree.h"

/* Offsets lead into pn_policy.text; sizes are in bytes. */
struct pn_policy_rule {
    uint32_t verdict; /* enum postern_verdict */
    uint32_t env, env_size;
    uint32_t target, target_size; /* the targets as their author wrote them */
    uint32_t line;
};

struct pn_policy {
    struct pn_policy_rule *rules;
    size_t count, capacity;
    struct pn_buffer text; /* the file's name first, then what the rules lead to */
    uint32_t file_size;
    struct pn_space space;
    bool failed; /* out of memory */
};

/*
 * Makes the rules and the space of a tree. What is wrong goes to `diags`; a rule with a
 * fault is left out. Clear it in any case.
 */
void
pn_policy_build(struct pn_policy *policy, const struct pn_tree *tree,
                struct pn_diags *diags);

void
pn_policy_clear(struct pn_policy *policy);

#endif
