/* What a client can notice of each rule, as a number: equal outcomes, equal numbers. */
#ifndef PN_ANALYSIS_CLASSES_H
#define PN_ANALYSIS_CLASSES_H

#include "compiler/policy.h"
#include "postern/types.h"

/*
 * The classes of a policy's rules, by compiler/outcomes.h; to be given to free(). NULL
 * without memory.
 */
uint32_t *
pn_classes_of(const struct pn_policy *policy);

#endif
