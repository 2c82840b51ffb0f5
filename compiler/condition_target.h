/* Does a rule have the target of a BY condition, in any spelling? */
#ifndef PN_COMPILER_CONDITION_TARGET_H
#define PN_COMPILER_CONDITION_TARGET_H

#include "compiler/assertions.h"

/* Compares meanings; the meaning of a target is computed once for a policy. */
bool
pn_condition_target_is(const struct pn_condition *condition, struct pn_policy *policy,
                       struct pn_unit *unit, uint32_t rule);

#endif
