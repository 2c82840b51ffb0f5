/* expect and always, one by one. */
#include "analysis/compiled.h"
#include "library/keep.h"
#include "library/policy.h"

/* What takes claims, and what it said so far. */
struct taking {
    postern_claim_fn take;
    void *payload;
    bool holds, ended, too_much;
};

static struct postern_place
place_of(const struct pn_unit *unit, const struct pn_assertion *assertion)
{
    return pn_place_at(pn_unit_source(unit, assertion->at.file),
                       pn_assertion_span(unit, assertion));
}

/* A pn_proof_fn. After the caller has ended it, the rest is decided and not told. */
static void
claim_take(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct taking *taking = payload;
    bool is_always = proof->assertion->at.node->kind == PN_NODE_ALWAYS;
    bool has_query = !proof->is_too_much && (!is_always || !proof->holds);
    const struct postern_claim claim = {
        .at = place_of(prover->unit, proof->assertion),
        .is_always = is_always,
        .holds = proof->holds && !proof->is_too_much,
        .is_too_much = proof->is_too_much,
        .only_with_host = proof->through_host,
        .only_with_ident = proof->through_ident,
        .query = has_query ? &proof->query : NULL,
        .decision = has_query ? &proof->decision : NULL,
    };

    if (taking->ended)
        return;
    taking->holds = taking->holds && claim.holds;
    taking->too_much |= claim.is_too_much;
    if (taking->take)
        taking->ended = !taking->take(taking->payload, &claim);
}

static enum postern_status
prove(struct postern_policy *policy, const char *tests, struct taking *taking,
      struct postern_report **report_out)
{
    struct pn_diags diags = { .limit = PN_LIBRARY_DIAGS_MAX };
    const struct pn_compiled_options how = { .reading = policy->file.reading,
                                             .tests = tests,
                                             .as_of = policy->compiler->options.as_of,
                                             .diags = &diags };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    enum postern_status status = POSTERN_OK;

    if (!pn_compiled_make(&compiled, &policy->file.source, &how))
        status = pn_status_of_errno();
    else if (compiled.result == PN_COMPILE_REFUSED)
        status = pn_public_report_refuse(policy->compiler, &diags, report_out);
    else
        status = pn_compiled_prove(&compiled, claim_take, taking);
    if (status == POSTERN_OK && taking->too_much)
        status = POSTERN_E_LIMIT;
    pn_compiled_clear(&compiled);
    pn_diags_clear(&diags);
    return status;
}

enum postern_status
postern_policy_prove(struct postern_policy *policy, const char *tests,
                     postern_claim_fn take, void *payload, bool *holds_out,
                     struct postern_report **report_out)
{
    struct taking taking = { .take = take, .payload = payload, .holds = true };
    struct pn_call call;
    enum postern_status status;

    if (!policy || !holds_out)
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, policy->compiler);
    if (status != POSTERN_OK)
        return status;
    status = prove(policy, tests, &taking, report_out);
    if (status == POSTERN_OK)
        *holds_out = taking.holds;
    return pn_call_end(&call, status);
}
