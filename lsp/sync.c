/* Texts that are opened, changed and closed. */
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/uri.h"
#include "base/vector.h"
#include "lsp/root.h"

/* Editors say so of what they know to be a list, or know nothing of. */
static bool
is_list(struct pn_str language)
{
    return pn_str_is(language, "postern-list") || pn_str_is(language, "plaintext") ||
           pn_str_is(language, "text");
}

void
pn_lsp_open(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    const json_t *item = pn_json_at(call->params, "textDocument");
    struct pn_str uri = pn_json_read_text(json_object_get(item, "uri"));
    struct pn_str text = pn_json_read_text(json_object_get(item, "text"));
    struct pn_buffer path = { 0 };
    struct pn_document *document = NULL;

    if (!uri.ptr || !text.ptr)
        pn_lsp_complain(server, "didOpen: a URI and a text are wanted");
    else if (!pn_uri_path(uri, &path))
        pn_lsp_complain(server, "didOpen: only files of this machine are read");
    else {
        document =
            text.len > PN_SOURCE_SIZE_MAX
                ? NULL
                : pn_documents_open(&server->documents, uri.ptr, path.bytes, text);
        if (!document)
            pn_lsp_complain(server, text.len > PN_SOURCE_SIZE_MAX
                                        ? "didOpen: this text is too long"
                                        : "didOpen: there is no memory");
    }
    if (document) {
        document->version = json_integer_value(json_object_get(item, "version"));
        document->is_list =
            is_list(pn_json_read_text(json_object_get(item, "languageId")));
        pn_lsp_folders_apply(server);
        if (!document->real)
            document->real = pn_files_real(document->path);
        pn_lsp_roots_touch(server, document->path);
        server->roots.is_chosen = false;
    }
    pn_buffer_free(&path);
}

/* The document of a notification, which has no answer to refuse. */
static struct pn_document *
named(struct pn_lsp *server, struct pn_rpc_call *call)
{
    struct pn_document *document = pn_lsp_document(server, call);

    if (!document)
        pn_lsp_complain(server, call->why);
    return document;
}

/* One change: of a range, or of all. */
static bool
change_take(const struct pn_lsp *server, struct pn_document *document,
            const json_t *change)
{
    struct pn_lsp_view view = pn_lsp_view(server, document);
    struct pn_str text = pn_json_read_text(json_object_get(change, "text"));
    const json_t *range = json_object_get(change, "range");
    struct pn_span span = { 0, (uint32_t)document->text.size };

    if (!text.ptr || (range && !pn_json_read_span(&view, range, &span)))
        return false;
    return pn_document_replace(document, span, text);
}

void
pn_lsp_change(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    struct pn_document *document = named(server, call);
    const json_t *version = pn_json_at(call->params, "textDocument.version");
    const json_t *changes = json_object_get(call->params, "contentChanges"), *item;
    bool good = true;
    size_t i;

    if (!document)
        return;
    json_array_foreach(changes, i, item) good =
        good && change_take(server, document, item);
    if (!good || !json_is_array(changes))
        pn_lsp_complain(server, "didChange: this is no change; open the text again");
    if (json_is_integer(version))
        document->version = json_integer_value(version);
    pn_lsp_roots_touch(server, document->path);
}

/* A file may be there that was not. */
void
pn_lsp_save(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    struct pn_document *document = named(server, call);

    if (!document)
        return;
    pn_free(document->real);
    document->real = pn_files_real(document->path);
    pn_lsp_roots_touch(server, document->path);
}

void
pn_lsp_close(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    struct pn_document *document = named(server, call);

    if (!document)
        return;
    pn_lsp_roots_touch(server, document->path);
    pn_documents_close(&server->documents, document);
    pn_lsp_folders_apply(server);
    server->roots.is_chosen = false;
}

/* What has changed may be any file that a policy reads, or a .postern. */
void
pn_lsp_files_changed(void *payload, struct pn_rpc_call *call)
{
    (void)call;
    pn_lsp_roots_touch_all(payload);
}
