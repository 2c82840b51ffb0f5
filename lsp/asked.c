/* One compilation for decisions, another one for claims, each when it is needed. */
#include "lsp/asked.h"

#include <errno.h>

#include "base/memory.h"
#include "base/vector.h"
#include "compiler/literal.h"
#include "compiler/query_text.h"

static void
refuse(struct pn_rpc_call *call, enum pn_rpc_code code, const char *why)
{
    if (call)
        pn_call_refuse(call, code, why);
}

static void
make(struct pn_lsp *server, struct pn_lsp_root *root, struct pn_asked *asked)
{
    const struct pn_compile_options options = { .startable = true };
    struct pn_diags none = { 0 };

    pn_asked_clear(asked);
    asked->is_made = true;
    asked->file.name = root->path;
    asked->file.reading = pn_documents_reading(&server->documents);
    if (pn_source_from_text(&asked->file.source, root->path,
                            (struct pn_str){ root->source.text, root->source.size }) &&
        pn_rules_file_compile(&asked->file, &options, &none) == PN_COMPILE_OK &&
        none.errors && asked->file.rules) {
        postern_rules_close(asked->file.rules);
        asked->file.rules = NULL;
    }
    pn_diags_clear(&none);
}

struct pn_asked *
pn_asked_for(struct pn_lsp *server, struct pn_lsp_root *root, struct pn_rpc_call *call)
{
    struct pn_asked *asked = root->asked;

    if (!asked) {
        asked = pn_calloc(1, sizeof(*asked));
        if (!asked) {
            refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
            return NULL;
        }
        asked->file.image = -1;
        root->asked = asked;
    }
    if (!asked->is_made) {
        pn_lsp_progress_begin(&server->progress, call, root->path);
        make(server, root, asked);
        pn_lsp_progress_end(&server->progress);
    }
    if (asked->file.rules)
        return asked;
    refuse(call, PN_RPC_REQUEST_FAILED, "rules with errors decide nothing");
    return NULL;
}

struct pn_asked *
pn_asked_decoded(struct pn_lsp *server, struct pn_lsp_root *root,
                 struct pn_rpc_call *call)
{
    struct pn_asked *asked = pn_asked_for(server, root, call);

    if (!asked || asked->is_decoded)
        return asked;
    asked->is_decoded =
        pn_image_decode(&asked->decoded, asked->file.image) == PN_DECODE_OK;
    if (asked->is_decoded)
        return asked;
    refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
    return NULL;
}

/* A pn_proof_fn */
static void
claim_take(void *payload, const struct pn_prover *prover, const struct pn_proof *proof)
{
    struct pn_asked *asked = payload;
    const struct pn_rule_node *at = &proof->assertion->at;
    struct pn_asked_claim claim = {
        .file = at->file,
        .offset = pn_assertion_span(prover->unit, proof->assertion).offset,
        .holds = proof->holds && !proof->is_too_much,
        .is_too_much = proof->is_too_much
    };

    if (!proof->holds && !proof->is_too_much) {
        claim.query = asked->text.size;
        pn_query_write(&asked->text, &proof->query);
        pn_buffer_add(&asked->text, "", 1);
    }
    (void)pn_vector_add(&asked->claims, &asked->claim_count, &asked->claim_capacity,
                        &claim, sizeof(claim));
}

static void
prove(struct pn_lsp *server, struct pn_lsp_root *root, struct pn_asked *asked)
{
    const struct pn_compiled_options how = {
        .reading = pn_documents_reading(&server->documents), .tests = root->tests
    };
    struct pn_compiled compiled = PN_COMPILED_NONE;

    asked->is_proven = true;
    pn_buffer_add(&asked->text, "", 1); /* no query is at 0 */
    if (pn_compiled_make(&compiled, &asked->file.source, &how) &&
        compiled.result == PN_COMPILE_OK)
        (void)pn_compiled_prove(&compiled, claim_take, asked);
    pn_compiled_clear(&compiled);
}

struct pn_asked *
pn_asked_proven(struct pn_lsp *server, struct pn_lsp_root *root,
                struct pn_rpc_call *call)
{
    struct pn_asked *asked = pn_asked_for(server, root, call);

    if (asked && !asked->is_proven) {
        pn_lsp_progress_begin(&server->progress, call, root->path);
        prove(server, root, asked);
        pn_lsp_progress_end(&server->progress);
    }
    return asked;
}

bool
pn_asked_decide(struct pn_asked *asked, const struct postern_query *query,
                postern_trace_fn trace, void *payload, struct pn_answer *out)
{
    if (pn_rules_file_decide(&asked->file, query, trace, payload, out) != POSTERN_OK)
        return false;
    pn_rules_file_entry(&asked->file, 0, &asked->lists, query, out);
    return true;
}

bool
pn_client_read(struct pn_str text, struct pn_buffer *scratch, struct postern_query *out)
{
    struct pn_str word, ident;
    bool has_address = false, good = true;

    while (text.ptr && good) {
        word = pn_str_cut(&text, ' ');
        if (!word.len)
            continue;
        if (word.ptr[0] == '=') {
            good = !out->host.ptr;
            out->host = (struct postern_str){ word.ptr + 1, word.len - 1 };
            continue;
        }
        good = !has_address &&
               pn_literal_ident(&word, scratch, &ident) == PN_DIAG_NONE &&
               !scratch->failed && postern_addr_parse(word.ptr, word.len, &out->remote);
        out->ident = (struct postern_str){ ident.ptr, ident.len };
        has_address = true;
    }
    return good && has_address;
}

void
pn_answer_write(struct pn_buffer *out, const struct pn_answer *answer)
{
    bool allows = answer->decision.verdict == POSTERN_ALLOW;

    pn_buffer_add_text(out, allows ? "allow" : "deny");
    if (allows)
        pn_env_write(out, answer->decision.env);
    pn_admission_write(out, &answer->decision);
}

void
pn_asked_clear(struct pn_asked *asked)
{
    pn_rules_lists_clear(&asked->lists); /* before its root */
    pn_rules_file_close(&asked->file);
    pn_decoded_clear(&asked->decoded);
    pn_free(asked->claims);
    pn_buffer_free(&asked->text);
    *asked = (struct pn_asked){ 0 };
    asked->file.image = -1;
}
