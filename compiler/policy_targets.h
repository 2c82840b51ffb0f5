/* The left side of a rule: its items, as text and in the space. */
#ifndef PN_COMPILER_POLICY_TARGETS_H
#define PN_COMPILER_POLICY_TARGETS_H

#include "compiler/gather.h"
#include "compiler/policy.h"

struct pn_policy_work;

/*
 * The number that the space is to hold for a target of the rule at hand: the rule's, or
 * one of the target's own.
 */
uint32_t
pn_policy_number(struct pn_policy_work *work, const struct pn_node *target);

/* The targets as their author spelt them, with a comma and a blank between. */
void
pn_policy_targets_text(const struct pn_policy_work *work, const struct pn_node *nodes);

/* The targets of the rule at hand, into the space. */
void
pn_policy_targets_add(struct pn_policy_work *work);

/*
 * Adds what one target of a file means to a space that was begun: its group 1 or, for a
 * target with an ident, group 2. Names of hosts are numbers of the policy's space. What
 * was resolved when the policy was built is not read again.
 */
void
pn_policy_meaning(struct pn_policy *policy, struct pn_target_at target,
                  struct pn_space *out);

#endif
