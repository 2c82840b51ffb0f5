/* Which rule is which, from one compilation to the next. */
#ifndef PN_COMPILER_IDENTITIES_H
#define PN_COMPILER_IDENTITIES_H

#include "compiler/policy.h"

/*
 * A number for each rule of a policy, in order: a digest over the file that it stands
 * in, as that is included (nothing for the root, however it was named), its targets as
 * they are meant, whatever their spelling, its verdict, and its number among the rules
 * that are equal in these. Sets stand by their names, for their lists change. Variables
 * and terms are left out: what a rule has counted outlives its next limit. The same on
 * every machine. For free(3); NULL without memory.
 */
uint64_t *
pn_identities_make(const struct pn_policy *policy);

#endif
