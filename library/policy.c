/* Read, compile, open; and ask. */
#include "library/policy.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "compiler/image.h"

/* The image is no memory of the heap, but it is memory. */
static bool
image_counts(struct postern_policy *policy)
{
    struct stat st;

    if (fstat(policy->file.image, &st) < 0 ||
        !pn_budget_take(&policy->compiler->budget, (size_t)st.st_size))
        return false;
    policy->image_size = (size_t)st.st_size;
    return true;
}

static enum postern_status
policy_compile(struct postern_policy *policy)
{
    const struct postern_compiler *compiler = policy->compiler;
    const struct pn_compile_options options = { .as_of = compiler->options.as_of,
                                                .warn = true,
                                                .startable = true };
    struct pn_diags diags = { .limit = PN_LIBRARY_DIAGS_MAX };
    enum postern_status status;

    policy->file.reading = pn_snapshot_reading(&policy->snapshot);
    status =
        pn_status_of_compile(pn_rules_file_compile(&policy->file, &options, &diags));
    if (status == POSTERN_OK && !image_counts(policy))
        status = pn_status_of_errno();
    if (status == POSTERN_E_REFUSED)
        status = POSTERN_OK; /* it is loaded, with its errors */
    if (status == POSTERN_OK && diags.errors && policy->file.rules) {
        postern_rules_close(policy->file.rules);
        policy->file.rules = NULL;
    }
    if (status == POSTERN_OK &&
        !pn_public_report_add_diags(policy->diagnostics, &diags))
        status = POSTERN_E_NOMEM;
    pn_diags_clear(&diags);
    return status;
}

/* Ends a policy within a call. */
static void
policy_clear(struct postern_policy *policy)
{
    pn_rules_lists_clear(&policy->lists); /* before its root */
    pn_rules_file_close(&policy->file);
    pn_decoded_clear(&policy->decoded);
    pn_snapshot_clear(&policy->snapshot);
    pn_public_report_clear(policy->diagnostics);
    pn_budget_give(&policy->compiler->budget, policy->image_size);
    pn_compiler_drop(policy->compiler); /* the call that runs holds it too */
    pn_free(policy);
}

/* A policy without anything; NULL without memory. */
static struct postern_policy *
policy_new(struct postern_compiler *compiler)
{
    struct postern_policy *policy = pn_calloc(1, sizeof(*policy));

    if (!policy)
        return NULL;
    policy->compiler = compiler;
    policy->snapshot.compiler = compiler;
    policy->file.image = -1;
    pn_compiler_hold(compiler);
    policy->diagnostics = pn_public_report_new(compiler);
    if (policy->diagnostics)
        return policy;
    policy_clear(policy);
    return NULL;
}

/* A root that is at hand; `text` NULL: it is read. */
struct root {
    const char *name;
    const void *text;
    size_t size;
};

static enum postern_status
policy_load(struct postern_policy *policy, const struct root *root)
{
    struct pn_source *source = &policy->file.source;

    if (root->size > PN_SOURCE_SIZE_MAX) {
        errno = EFBIG;
        return POSTERN_E_IO;
    }
    if (root->text &&
        !pn_snapshot_add(&policy->snapshot, root->name, root->text, root->size))
        return POSTERN_E_NOMEM;
    if (!pn_snapshot_read(&policy->snapshot, root->name, PN_SOURCE_SIZE_MAX, source))
        return pn_status_of_errno();
    /* names that outlive the call */
    source->name = policy->snapshot.files[0]->path;
    policy->file.name = source->name;
    return policy_compile(policy);
}

static enum postern_status
load(struct postern_compiler *compiler, const struct root *root,
     struct postern_policy **out)
{
    struct pn_call call;
    enum postern_status status = pn_call_begin(&call, compiler);
    struct postern_policy *policy;

    if (status != POSTERN_OK)
        return status;
    policy = policy_new(compiler);
    status = policy ? policy_load(policy, root) : POSTERN_E_NOMEM;
    if (status == POSTERN_OK)
        *out = policy;
    else if (policy)
        policy_clear(policy);
    return pn_call_end(&call, status);
}

enum postern_status
postern_policy_load_file(struct postern_compiler *compiler, const char *path,
                         struct postern_policy **out)
{
    const struct root root = { path, NULL, 0 };

    if (!compiler || !path || !*path || !out)
        return POSTERN_E_ARG;
    return load(compiler, &root, out);
}

enum postern_status
postern_policy_load_text(struct postern_compiler *compiler, const char *name,
                         const void *text, size_t size, struct postern_policy **out)
{
    const struct root root = { name, text ? text : "", size };

    if (!compiler || !name || !*name || !out || (!text && size))
        return POSTERN_E_ARG;
    return load(compiler, &root, out);
}

void
postern_policy_close(struct postern_policy *policy)
{
    struct pn_call call;

    if (!policy)
        return;
    pn_call_begin_free(&call, policy->compiler);
    policy_clear(policy);
    (void)pn_call_end(&call, POSTERN_OK);
}

const struct postern_report *
postern_policy_diagnostics(const struct postern_policy *policy)
{
    return policy->diagnostics;
}

const struct postern_rules *
postern_policy_rules(const struct postern_policy *policy)
{
    return policy->file.rules;
}

const struct postern_file *
postern_policy_file(const struct postern_policy *policy, size_t file)
{
    return file < policy->snapshot.paths.count ? &policy->snapshot.files[file]->shown
                                               : NULL;
}

enum postern_status
pn_policy_decode(struct postern_policy *policy)
{
    if (!policy->file.rules)
        return POSTERN_E_REFUSED;
    if (policy->is_decoded)
        return POSTERN_OK;
    switch (pn_image_decode(&policy->decoded, policy->file.image)) {
    case PN_DECODE_OK:
        policy->is_decoded = true;
        return POSTERN_OK;
    case PN_DECODE_SYSTEM:
        return pn_status_of_errno();
    case PN_DECODE_DAMAGED:
        break;
    }
    return POSTERN_E_FORMAT;
}

struct postern_answer
pn_public_answer(const struct pn_answer *answer)
{
    struct postern_answer out = POSTERN_ANSWER_INIT;

    out.until = answer->until;
    out.decision = answer->decision;
    out.target = answer->target;
    out.file = answer->file;
    out.line = (uint32_t)answer->line;
    out.column = (uint32_t)answer->column;
    out.owner = answer->owner;
    out.ticket = answer->ticket;
    out.entry = answer->entry;
    out.list = answer->list;
    out.list_line = (uint32_t)answer->entry_line;
    return out;
}

static enum postern_status
decide(struct postern_policy *policy, const struct postern_query *query,
       struct postern_answer *out)
{
    struct postern_query asked = *query;
    struct pn_answer answer;
    enum postern_status status =
        pn_rules_file_decide(&policy->file, query, NULL, NULL, &answer);

    if (status != POSTERN_OK)
        return status;
    if (!asked.remote.family)
        (void)postern_addr_parse(query->remote_text.ptr, query->remote_text.len,
                                 &asked.remote);
    pn_rules_file_entry(&policy->file, policy->compiler->options.as_of, &policy->lists,
                        &asked, &answer);
    *out = pn_public_answer(&answer);
    return POSTERN_OK;
}

enum postern_status
postern_policy_decide(struct postern_policy *policy, const struct postern_query *query,
                      struct postern_answer *out)
{
    struct pn_call call;
    struct postern_answer answer;
    enum postern_status status;

    if (!policy || !query || !out || !PN_IS_KNOWN(query) || !PN_IS_KNOWN(out))
        return POSTERN_E_ARG;
    status = pn_call_begin(&call, policy->compiler);
    if (status != POSTERN_OK)
        return status;
    status = policy->file.rules ? decide(policy, query, &answer) : POSTERN_E_REFUSED;
    if (status == POSTERN_OK)
        *out = answer;
    return pn_call_end(&call, status);
}
