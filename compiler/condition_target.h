/* Does a rule have the target that a claim speaks of, however either is spelt? */
#ifndef PN_COMPILER_CONDITION_TARGET_H
#define PN_COMPILER_CONDITION_TARGET_H

#include "compiler/assertions.h"

/* Compares by meaning; what a target means is worked out once for a policy. */
bool
pn_condition_target_is(const struct pn_condition *condition, struct pn_policy *policy,
                       struct pn_unit *unit, uint32_t rule);

#endif
