/* How a trial of mutants is made: for its own files. */
#ifndef PN_ANALYSIS_MUTANTS_MAKING_H
#define PN_ANALYSIS_MUTANTS_MAKING_H

#include "analysis/mutants_behind.h"
#include "analysis/mutants_sets.h"
#include "analysis/mutants_trial_parts.h"

struct pn_making {
    struct pn_trial *trial;
    const struct pn_trial_of *of;
    struct pn_set_uses uses;
    struct pn_numbered *rules, *claims;
    size_t rule_count, claim_count;
    bool has_implied, gave_up;
    struct pn_behind root, tests; /* the latter for claims of a classic policy, */
    bool is_in_tests;             /* which has a file of tests */
    bool asks_for_targets;        /* claims say which rule is to decide */
    struct pn_diags diags;
};

/* Does a claim say which rule is to decide? */
bool
pn_claim_asks_for_target(const struct pn_assertion *s);

/* Which mutants can be tried among all, and as what; false without memory. */
bool
pn_making_begin(struct pn_making *m);

/* Both texts, with all that is tried and not stillborn; false without memory, or when
 * the work is spent. */
bool
pn_making_texts(struct pn_making *m);

#endif
