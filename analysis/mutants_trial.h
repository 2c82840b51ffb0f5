/*
 * Which mutants would anybody notice? A policy is compiled once more, with the rules
 * and claims of its mutants behind its own; then each of those rules is held to what
 * the policy decides with it in the place of the one that it is a mutant of.
 */
#ifndef PN_ANALYSIS_MUTANTS_TRIAL_H
#define PN_ANALYSIS_MUTANTS_TRIAL_H

#include "analysis/mutants_trial_parts.h"

/*
 * False without memory, or when the work is spent. Mutants that cannot be judged so are
 * PN_FATE_UNKNOWN. Clear it in any case.
 */
bool
pn_trial_make(struct pn_trial *out, const struct pn_trial_of *of);

void
pn_trial_clear(struct pn_trial *trial);

/* What was found of a mutant. */
struct pn_judgement {
    enum pn_fate fate;
    struct pn_difference difference; /* of one that survived, and is of a rule */
};

/* False without memory, or when the work is spent. To be cleared in any case. */
bool
pn_trial_judge(struct pn_trial *trial, size_t mutant, struct pn_judgement *out,
               struct pn_work *work);

#endif
