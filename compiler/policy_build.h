/* Builds a policy from the trees of a unit. */
#ifndef PN_COMPILER_POLICY_BUILD_H
#define PN_COMPILER_POLICY_BUILD_H

#include "compiler/policy.h"

/*
 * Makes the rules and the space of a unit. What is wrong goes to the unit's
 * diagnostics; a rule with a fault is of no use then. Clear it in any case.
 */
void
pn_policy_build(struct pn_policy *policy, struct pn_unit *unit,
                const struct pn_policy_options *options);

#endif
