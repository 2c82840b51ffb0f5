/* Load, emit, open, lift. */
#include "tools/served.h"

#include <errno.h>
#include <unistd.h>

#include "compiler/ask.h"
#include "compiler/memory_file.h"

static enum pn_compile_result
program_make(struct pn_served *out, const struct pn_source *source,
             const struct pn_serving *how, struct pn_diags *diags)
{
    struct pn_reading reading = how->reading;
    enum pn_compile_result result;

    if (!reading.read)
        reading = PN_READING_FILES;
    result =
        pn_program_load_by(&out->program, source, how->tests, NULL, diags, reading);
    return result == PN_COMPILE_OK ? pn_program_emit(&out->program, out->image, false)
                                   : result;
}

static bool
image_open(struct pn_served *out)
{
    enum postern_status status = postern_rules_open_fd(out->image, 0, &out->rules);

    if (status == POSTERN_E_NOMEM)
        errno = ENOMEM;
    if (status != POSTERN_OK)
        return false;
    if (pn_lift(&out->lifted, out->image) == PN_LIFT_OK)
        return true;
    postern_rules_close(out->rules); /* half of it is of no use */
    out->rules = NULL;
    return false;
}

bool
pn_served_make(struct pn_served *out, const struct pn_source *source,
               const struct pn_serving *how)
{
    struct pn_diags nobody = { 0 };

    *out = (struct pn_served){ .result = PN_COMPILE_WRITE, .image = pn_memory_file() };
    if (out->image < 0)
        return false;
    out->result = program_make(out, source, how, how->diags ? how->diags : &nobody);
    pn_diags_clear(&nobody);
    if (out->result == PN_COMPILE_MEMORY)
        errno = ENOMEM;
    if (out->result != PN_COMPILE_OK)
        return out->result == PN_COMPILE_REFUSED;
    return image_open(out);
}

struct pn_prover
pn_served_prover(struct pn_served *served)
{
    return (struct pn_prover){ .policy = &served->program.policy,
                               .unit = &served->program.unit,
                               .claims = &served->program.claims,
                               .rules = served->rules,
                               .lifted = &served->lifted };
}

enum postern_status
pn_served_prove(struct pn_served *served, pn_proof_fn take, void *payload)
{
    struct pn_work work = pn_prove_work(&served->program.unit);
    struct pn_prover prover = pn_served_prover(served);

    prover.work = &work;
    return pn_prove(&prover, take, payload);
}

void
pn_served_settle(struct pn_served *served)
{
    pn_program_clear(&served->program);
    served->program = (struct pn_program){ 0 };
}

void
pn_served_clear(struct pn_served *served)
{
    int saved_errno = errno;

    pn_served_settle(served);
    postern_rules_close(served->rules);
    pn_lifted_clear(&served->lifted);
    if (served->image >= 0)
        close(served->image);
    *served = PN_SERVED_NONE;
    errno = saved_errno;
}

enum postern_status
pn_served_decide(const struct pn_served *served, const struct postern_query *query,
                 struct pn_answer *out)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum postern_status status = pn_ask(served->rules, query, &answer.decision);

    if (status == POSTERN_OK && answer.decision.rule != POSTERN_RULE_NONE)
        status = postern_rules_origin(served->rules, answer.decision.rule, &origin);
    if (status != POSTERN_OK)
        return status;
    pn_answer_place(&answer, &origin);
    *out = answer;
    return POSTERN_OK;
}
