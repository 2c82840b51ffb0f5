/* Load, build, resolve; emit, read back; prove. */
#include "compiler/program.h"

#include <errno.h>

#include "compiler/compare.h"
#include "compiler/emit_native.h"
#include "postern/rules.h"

static enum pn_compile_result
outcome(const struct pn_program *program, const struct pn_diags *diags)
{
    if (program->unit.failed || program->policy.failed || program->claims.failed ||
        diags->failed)
        return PN_COMPILE_MEMORY;
    return diags->errors ? PN_COMPILE_REFUSED : PN_COMPILE_OK;
}

enum pn_compile_result
pn_program_load(struct pn_program *program, const struct pn_source *root,
                const char *tests, const struct pn_policy_options *options,
                struct pn_diags *diags)
{
    return pn_program_load_by(program, root, tests, options, diags, PN_READING_FILES);
}

enum pn_compile_result
pn_program_load_by(struct pn_program *program, const struct pn_source *root,
                   const char *tests, const struct pn_policy_options *options,
                   struct pn_diags *diags, struct pn_reading reading)
{
    bool found = true;

    *program = (struct pn_program){ 0 };
    pn_unit_load(&program->unit, root, diags, reading);
    if (tests)
        found = pn_unit_add_test(&program->unit, tests) || errno == ENOENT;
    if (found)
        pn_policy_build(&program->policy, &program->unit, options);
    if (found && !program->policy.failed)
        pn_claims_resolve(&program->claims, &program->policy, &program->unit);
    program->unit.diags = NULL; /* what is asked later is not told again */
    if (!found)
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_READ;
    pn_diags_sort(diags);
    return outcome(program, diags);
}

enum pn_compile_result
pn_program_emit(struct pn_program *program, int fd, bool strip)
{
    struct postern_rules *rules = NULL;
    enum postern_status status;

    if (!pn_emit_native(&program->policy, strip, fd))
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_WRITE;
    status = postern_rules_open_fd(fd, POSTERN_OPEN_CHECK, &rules);
    postern_rules_close(rules);
    if (status == POSTERN_E_NOMEM)
        return PN_COMPILE_MEMORY;
    if (status == POSTERN_E_IO)
        return PN_COMPILE_WRITE;
    if (status != POSTERN_OK)
        return PN_COMPILE_MISMATCH;
    switch (pn_image_compare(fd, &program->policy.space)) {
    case PN_COMPARE_SAME:
        return PN_COMPILE_OK;
    case PN_COMPARE_OTHER:
        break;
    case PN_COMPARE_SYSTEM:
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_WRITE;
    }
    return PN_COMPILE_MISMATCH;
}

enum pn_compile_result
pn_program_prove(struct pn_program *program, int fd, pn_proof_fn take, void *payload)
{
    struct postern_rules *rules = NULL;
    struct pn_lifted lifted = { 0 };
    struct pn_work work = pn_prove_work(&program->unit);
    struct pn_prover prover = { .policy = &program->policy,
                                .unit = &program->unit,
                                .claims = &program->claims,
                                .lifted = &lifted,
                                .work = &work };
    enum postern_status status = postern_rules_open_fd(fd, 0, &rules);

    if (status == POSTERN_OK && pn_lift(&lifted, fd) != PN_LIFT_OK)
        status = errno == ENOMEM ? POSTERN_E_NOMEM : POSTERN_E_FORMAT;
    prover.rules = rules;
    if (status == POSTERN_OK)
        status = pn_prove(&prover, take, payload);
    pn_lifted_clear(&lifted);
    postern_rules_close(rules);
    if (status == POSTERN_E_NOMEM)
        return PN_COMPILE_MEMORY;
    return status == POSTERN_OK ? PN_COMPILE_OK : PN_COMPILE_MISMATCH;
}

void
pn_program_clear(struct pn_program *program)
{
    pn_claims_clear(&program->claims);
    pn_policy_clear(&program->policy);
    pn_unit_clear(&program->unit);
}
