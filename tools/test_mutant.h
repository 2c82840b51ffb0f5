/* test --mutate: one mutant, compiled by itself. */
#ifndef PN_TOOLS_TEST_MUTANT_H
#define PN_TOOLS_TEST_MUTANT_H

#include "analysis/mutants_trial.h"
#include "tools/test.h"

/* All of it the caller's. */
struct pn_mutated_alone {
    const struct pn_tested *tested;
    const struct pn_mutants *mutants;
    const struct pn_mutant *mutant;
    const struct pn_buffer *holds; /* a byte for each claim: does it, without a mutant?
                                    */
};

/* What became of a mutant. */
struct pn_mutant_result {
    struct pn_judgement judgement;
    struct pn_buffer answers[2]; /* of one that survived, and is of a rule: what the
                                    query is answered before and after, as in claims */
};

/* Fills the answers of one that survived, as long as the decisions are good. */
bool
pn_mutant_answers_write(struct pn_mutant_result *result);

void
pn_mutant_result_clear(struct pn_mutant_result *result);

/*
 * Compiles the policy with the mutant in it, compares, and holds it to the claims.
 * False without memory, or when the work is spent. The result is to be cleared in any
 * case.
 */
bool
pn_mutant_compile(const struct pn_mutated_alone *alone, struct pn_mutant_result *out,
                  struct pn_work *work);

#endif
