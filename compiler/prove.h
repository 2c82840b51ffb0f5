/*
 * Expectations and proofs, checked against the decisions of the runtime on the image.
 */
#ifndef PN_COMPILER_PROVE_H
#define PN_COMPILER_PROVE_H

#include "compiler/assertions.h"
#include "compiler/image_decode.h"
#include "compiler/regions.h"
#include "postern/rules.h"

/* The result for an assertion, valid until pn_proof_fn returns. */
struct pn_proof {
    const struct pn_assertion *assertion; /* of the prover's claims */
    bool holds;
    bool is_too_much; /* the work was spent: it is undecided, and the last one */
    /* the query of an EXPECT; of an ALWAYS that does not hold, one that breaks it */
    struct postern_query query;
    struct postern_decision decision; /* of that query */
    bool through_host, through_ident; /* it fails only for queries with one */
};

/* What to prove, and from what. All of it must outlive the prover. */
struct pn_prover {
    struct pn_policy *policy;
    struct pn_unit *unit; /* of the policy */
    const struct pn_assertions *assertions;
    const struct postern_rules *rules; /* the image of the policy, */
    const struct pn_decoded *decoded;  /* and that image lifted */
    struct pn_work *work;              /* limit on the work; NULL: none */
};

/*
 * The limit for all assertions of a policy: their most frequent operation costs a
 * quarter of a step.
 */
static inline struct pn_work
pn_prove_work(const struct pn_unit *unit)
{
    struct pn_work work = pn_work_for(unit->size);

    work.limit *= 4;
    return work;
}

/* Takes each statement in the order of the source. */
typedef void (*pn_proof_fn)(void *payload, const struct pn_prover *prover,
                            const struct pn_proof *proof);

/*
 * Does a decision by this rule fulfil all conditions of an assertion? Uses the prover's
 * policy, unit and assertions.
 */
bool
pn_assertion_is_fulfilled(const struct pn_prover *prover,
                          const struct pn_assertion *assertion, uint32_t rule);

/* The query of an EXPECT; its texts are the claims'. */
struct postern_query
pn_assertion_query(const struct pn_assertions *assertions,
                   const struct pn_assertion *expect);

/* Sets the scope of an ALWAYS as the question; false when it is empty. */
bool
pn_assertion_scope(const struct pn_assertion *always, struct pn_regions *out);

/*
 * POSTERN_OK when every assertion was checked, whether it holds or not, or all up to
 * one that exceeds the limit, which is also reported.
 */
enum postern_status
pn_prove(const struct pn_prover *prover, pn_proof_fn take, void *payload);

/* From the first target of a rule to its last. */
struct pn_span
pn_targets_span(const struct pn_tree *tree, const struct pn_node *rule);

/* The span of an assertion, without its line end. */
struct pn_span
pn_assertion_span(const struct pn_unit *unit, const struct pn_assertion *assertion);

/* Reports a proof that does not hold. */
void
pn_proof_diagnose(const struct pn_prover *prover, const struct pn_proof *proof,
                  struct pn_diags *diags);

#endif
