/* Load, build, resolve; emit, read back; prove. */
#include "compiler/loaded_policy.h"

#include <errno.h>

#include "compiler/emit_native.h"
#include "compiler/image.h"
#include "compiler/image_verify.h"
#include "compiler/policy_build.h"
#include "postern/rules.h"

static enum pn_compile_result
outcome(const struct pn_loaded_policy *loaded, const struct pn_diags *diags)
{
    if (loaded->unit.failed || loaded->policy.failed || loaded->assertions.failed ||
        diags->failed)
        return PN_COMPILE_MEMORY;
    return diags->errors ? PN_COMPILE_REFUSED : PN_COMPILE_OK;
}

enum pn_compile_result
pn_loaded_policy_load(struct pn_loaded_policy *loaded, const struct pn_source *root,
                      const char *tests, const struct pn_policy_options *options,
                      struct pn_diags *diags)
{
    return pn_loaded_policy_load_by(loaded, root, tests, options, diags,
                                    PN_READING_FILES);
}

enum pn_compile_result
pn_loaded_policy_load_by(struct pn_loaded_policy *loaded, const struct pn_source *root,
                         const char *tests, const struct pn_policy_options *options,
                         struct pn_diags *diags, struct pn_reading reading)
{
    struct pn_parsing parsing = { 0 };
    bool found = true;

    *loaded = (struct pn_loaded_policy){ 0 };
    if (options) {
        parsing.kept = options->kept_files;
        parsing.detail = options->no_nodes ? PN_DETAIL_RUNS : PN_DETAIL_WHOLE;
    }
    pn_unit_load_by(&loaded->unit, root, diags, reading, parsing);
    if (tests)
        found = pn_unit_add_test(&loaded->unit, tests) || errno == ENOENT;
    pn_unit_expand(&loaded->unit);
    if (found)
        pn_policy_build(&loaded->policy, &loaded->unit, options);
    if (found && !loaded->policy.failed)
        pn_assertions_resolve(&loaded->assertions, &loaded->policy, &loaded->unit);
    loaded->unit.diags = NULL; /* later questions do not report it again */
    if (!found)
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_READ;
    pn_diags_sort(diags);
    return outcome(loaded, diags);
}

enum pn_compile_result
pn_loaded_policy_emit(struct pn_loaded_policy *loaded, int fd, bool strip)
{
    struct postern_rules *rules = NULL;
    enum postern_status status;

    if (!pn_emit_native(&loaded->policy, strip, fd))
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_WRITE;
    status = postern_rules_open_fd(fd, POSTERN_OPEN_CHECK, &rules);
    postern_rules_close(rules);
    if (status == POSTERN_E_NOMEM)
        return PN_COMPILE_MEMORY;
    if (status == POSTERN_E_IO)
        return PN_COMPILE_WRITE;
    if (status != POSTERN_OK)
        return PN_COMPILE_MISMATCH;
    switch (pn_image_verify(fd, &loaded->policy.space)) {
    case PN_VERIFY_SAME:
        return PN_COMPILE_OK;
    case PN_VERIFY_OTHER:
        break;
    case PN_VERIFY_SYSTEM:
        return errno == ENOMEM ? PN_COMPILE_MEMORY : PN_COMPILE_WRITE;
    }
    return PN_COMPILE_MISMATCH;
}

enum pn_compile_result
pn_loaded_policy_prove(struct pn_loaded_policy *loaded, int fd, pn_proof_fn take,
                       void *payload)
{
    struct pn_opened_image image;
    struct pn_work work = pn_prove_work(&loaded->unit);
    struct pn_prover prover = { .policy = &loaded->policy,
                                .unit = &loaded->unit,
                                .assertions = &loaded->assertions,
                                .decoded = &image.decoded,
                                .work = &work };
    enum postern_status status = pn_image_open(&image, fd);

    prover.rules = image.rules;
    if (status == POSTERN_OK)
        status = pn_prove(&prover, take, payload);
    pn_image_close(&image);
    if (status == POSTERN_E_NOMEM)
        return PN_COMPILE_MEMORY;
    return status == POSTERN_OK ? PN_COMPILE_OK : PN_COMPILE_MISMATCH;
}

void
pn_loaded_policy_clear(struct pn_loaded_policy *loaded)
{
    pn_assertions_clear(&loaded->assertions);
    pn_policy_clear(&loaded->policy);
    pn_unit_clear(&loaded->unit);
}
