/* Load, emit, open, lift. */
#include "analysis/compiled.h"

#include <errno.h>
#include <unistd.h>

#include "compiler/image.h"

static enum pn_compile_result
program_make(struct pn_compiled *out, const struct pn_source *source,
             const struct pn_compiled_options *how, struct pn_diags *diags)
{
    const struct pn_policy_options options = { .as_of = how->as_of };
    struct pn_reading reading = how->reading;
    enum pn_compile_result result;

    if (!reading.read)
        reading = PN_READING_FILES;
    result = pn_loaded_policy_load_by(&out->loaded, source, how->tests, &options, diags,
                                      reading);
    return result == PN_COMPILE_OK
               ? pn_loaded_policy_emit(&out->loaded, out->image, false)
               : result;
}

static bool
image_open(struct pn_compiled *out)
{
    enum postern_status status = postern_rules_open_fd(out->image, 0, &out->rules);

    if (status == POSTERN_E_NOMEM)
        errno = ENOMEM;
    if (status != POSTERN_OK)
        return false;
    if (pn_image_decode(&out->decoded, out->image) == PN_DECODE_OK)
        return true;
    postern_rules_close(out->rules); /* half of it is of no use */
    out->rules = NULL;
    return false;
}

bool
pn_compiled_make(struct pn_compiled *out, const struct pn_source *source,
                 const struct pn_compiled_options *how)
{
    struct pn_diags nobody = { 0 };

    *out =
        (struct pn_compiled){ .result = PN_COMPILE_WRITE, .image = pn_memory_file() };
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
pn_compiled_prover(struct pn_compiled *compiled)
{
    return (struct pn_prover){ .policy = &compiled->loaded.policy,
                               .unit = &compiled->loaded.unit,
                               .assertions = &compiled->loaded.assertions,
                               .rules = compiled->rules,
                               .decoded = &compiled->decoded };
}

enum postern_status
pn_compiled_prove(struct pn_compiled *compiled, pn_proof_fn take, void *payload)
{
    struct pn_work work = pn_prove_work(&compiled->loaded.unit);
    struct pn_prover prover = pn_compiled_prover(compiled);

    prover.work = &work;
    return pn_prove(&prover, take, payload);
}

void
pn_compiled_drop_source(struct pn_compiled *compiled)
{
    pn_loaded_policy_clear(&compiled->loaded);
    compiled->loaded = (struct pn_loaded_policy){ 0 };
}

void
pn_compiled_clear(struct pn_compiled *compiled)
{
    int saved_errno = errno;

    pn_compiled_drop_source(compiled);
    postern_rules_close(compiled->rules);
    pn_decoded_clear(&compiled->decoded);
    if (compiled->image >= 0)
        close(compiled->image);
    *compiled = PN_COMPILED_NONE;
    errno = saved_errno;
}

enum postern_status
pn_compiled_decide(const struct pn_compiled *compiled,
                   const struct postern_query *query, struct pn_answer *out)
{
    struct pn_answer answer = { .decision = POSTERN_DECISION_INIT };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    enum postern_status status =
        pn_image_decide(compiled->rules, query, &answer.decision);

    if (status == POSTERN_OK && answer.decision.rule != POSTERN_RULE_NONE)
        status = postern_rules_origin(compiled->rules, answer.decision.rule, &origin);
    if (status != POSTERN_OK)
        return status;
    pn_answer_place(&answer, &origin);
    *out = answer;
    return POSTERN_OK;
}
