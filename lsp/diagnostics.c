/* Who is told of diagnostics, and when: of what has changed, or who asks. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"
#include "lsp/root.h"

/* All that is found in a file, by whatever root; of two that say the same, one. */
static json_t *
found_in(const struct pn_lsp *server, const char *path)
{
    json_t *all = json_array();
    size_t from = 0;

    for (size_t r = 0; r < server->roots.count; r++) {
        const struct pn_lsp_root *root = server->roots.items[r];

        for (size_t i = 0; i < root->found_count; i++) {
            const struct pn_lsp_found *found = &root->found[i];
            const json_t *before = all;

            if (strcmp(found->path, path) != 0)
                continue;
            if (from && json_equal(before, found->items))
                continue;
            if (json_array_extend(all, found->items) < 0) {
                json_decref(all);
                return NULL;
            }
            from++;
        }
    }
    return all;
}

static struct pn_lsp_told *
told_get(struct pn_lsp_roots *roots, const char *path)
{
    struct pn_lsp_told made = { 0 };

    for (size_t i = 0; i < roots->told_count; i++)
        if (strcmp(roots->told[i].path, path) == 0)
            return &roots->told[i];
    made.path = pn_strdup(path);
    if (made.path && pn_vector_add(&roots->told, &roots->told_count,
                                   &roots->told_capacity, &made, sizeof(made)))
        return &roots->told[roots->told_count - 1];
    pn_free(made.path);
    return NULL;
}

/* The URI that the editor has for a file, or one that is made. */
static json_t *
uri_of(const struct pn_lsp *server, const char *path,
       const struct pn_document **document)
{
    *document = pn_documents_at(&server->documents, path);
    return *document ? pn_json_words((*document)->uri)
                     : pn_json_uri(pn_str_of_text(path));
}

static void
publish(struct pn_lsp *server, const struct pn_lsp_told *told)
{
    const struct pn_document *document;
    json_t *uri = uri_of(server, told->path, &document);
    json_t *params = json_pack("{s:o, s:O}", "uri", uri, "diagnostics", told->items);

    if (params && document && server->client.has_versions)
        (void)pn_json_set(params, "version", json_integer(document->version));
    pn_peer_notify(&server->peer, "textDocument/publishDiagnostics", params);
}

/* Looks at one file again; true when something else is found in it than was told. */
static bool
told_update(struct pn_lsp *server, struct pn_lsp_told *told)
{
    json_t *items = found_in(server, told->path);

    if (!items || (told->items && json_equal(items, told->items))) {
        json_decref(items);
        return false;
    }
    json_decref(told->items);
    told->items = items;
    told->result = ++server->roots.results;
    return true;
}

/* Forgets files in which nothing is found, and which are not open: there is no end to
 * their names. */
static void
told_forget(struct pn_lsp *server)
{
    struct pn_lsp_roots *roots = &server->roots;
    size_t kept = 0;

    for (size_t i = 0; i < roots->told_count; i++) {
        struct pn_lsp_told *told = &roots->told[i];

        if (json_array_size(told->items) ||
            pn_documents_at(&server->documents, told->path))
            roots->told[kept++] = *told;
        else {
            pn_free(told->path);
            json_decref(told->items);
        }
    }
    roots->told_count = kept;
}

/* Every file in which something is found, or that is open, is in the list. */
static void
told_collect(struct pn_lsp *server)
{
    for (size_t r = 0; r < server->roots.count; r++)
        for (size_t i = 0; i < server->roots.items[r]->found_count; i++)
            (void)told_get(&server->roots, server->roots.items[r]->found[i].path);
    for (size_t i = 0; i < server->documents.count; i++)
        (void)told_get(&server->roots, server->documents.items[i]->path);
}

/* The number of files whose diagnostics are others now. */
static size_t
told_refresh(struct pn_lsp *server)
{
    size_t changed = 0;

    told_collect(server);
    for (size_t i = 0; i < server->roots.told_count; i++) {
        struct pn_lsp_told *told = &server->roots.told[i];

        if (!told_update(server, told))
            continue;
        changed++;
        if (!server->client.pulls)
            publish(server, told);
    }
    if (!server->client.pulls) /* who asks is told of a file until it is good */
        told_forget(server);
    return changed;
}

void
pn_lsp_tell(struct pn_lsp *server)
{
    const struct pn_lsp_client *client = &server->client;

    if (told_refresh(server) && client->pulls && client->refreshes)
        (void)pn_peer_ask(&server->peer, "workspace/diagnostic/refresh", json_null());
    if (server->roots.others_changed && client->has_hints_refresh)
        (void)pn_peer_ask(&server->peer, "workspace/inlayHint/refresh", json_null());
    if (server->roots.others_changed && client->has_lenses_refresh)
        (void)pn_peer_ask(&server->peer, "workspace/codeLens/refresh", json_null());
    server->roots.others_changed = false;
}

/* A report of one file: all of it, or that it is as before. */
static json_t *
report(const struct pn_lsp_told *told, struct pn_str before)
{
    char number[24];

    (void)snprintf(number, sizeof(number), "%llu", (unsigned long long)told->result);
    if (before.ptr && pn_str_is(before, number))
        return json_pack("{s:s, s:s}", "kind", "unchanged", "resultId", number);
    return json_pack("{s:s, s:s, s:O}", "kind", "full", "resultId", number, "items",
                     told->items);
}

/* Files that are read by the same roots, and are not open: nobody asks for them. */
static json_t *
others(const struct pn_lsp *server, const struct pn_lsp_told *but)
{
    json_t *made = json_object();

    for (size_t i = 0; made && i < server->roots.told_count; i++) {
        const struct pn_lsp_told *told = &server->roots.told[i];
        const struct pn_document *document;
        json_t *uri = uri_of(server, told->path, &document);

        if (told != but && !document && uri)
            (void)pn_json_set(made, json_string_value(uri),
                              report(told, (struct pn_str){ NULL, 0 }));
        json_decref(uri);
    }
    return made;
}

void
pn_lsp_pull(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    struct pn_document *document = pn_lsp_document(server, call);
    struct pn_lsp_told *told;
    json_t *related;

    if (!document)
        return;
    if (!pn_lsp_root_for(server, document, call) && call->code != PN_RPC_REQUEST_FAILED)
        return;
    call->code = 0; /* in what nobody reads nothing is found */
    (void)told_refresh(server);
    told = told_get(&server->roots, document->path);
    if (!told || !told->items) {
        pn_call_refuse(call, PN_RPC_INTERNAL_ERROR, "there is no memory");
        return;
    }
    call->result = report(
        told, pn_json_read_text(json_object_get(call->params, "previousResultId")));
    related = others(server, told);
    if (call->result && json_object_size(related))
        (void)pn_json_set(call->result, "relatedDocuments", related);
    else
        json_decref(related);
}
