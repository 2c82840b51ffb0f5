/* What a client can notice of each rule, as a number: equal outcomes, equal numbers. */
#ifndef PN_ANALYSIS_CLASSES_H
#define PN_ANALYSIS_CLASSES_H

#include "compiler/policy.h"
#include "postern/types.h"

/*
 * The class of each rule: those of compiler/outcomes.h, asked of the policy before it
 * is an image. Two other parts of the house ask whether outcomes are equal, and mean
 * less or more by it: compiler/lookups_needed.c compares rules by number and by the
 * offset of their environment, which is quick and may take equal ones for different;
 * and pn_grant_outcome() looks at verdict and environment alone, for a limit is no
 * grant. The array is to be given to free(); NULL without memory.
 */
uint32_t *
pn_classes_of(const struct pn_policy *policy);

#endif
