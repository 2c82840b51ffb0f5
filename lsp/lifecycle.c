/* The beginning and the end: what the editor can do, and what it is offered. */
#include <string.h>

#include "base/sizes.h"
#include "lsp/root.h"

/* Capabilities of the editor, by where they stand. */
static const struct {
    const char *path;
    size_t field;
} understood[] = {
#define FIELD(name) offsetof(struct pn_lsp_client, name)
    { "textDocument.publishDiagnostics.codeDescriptionSupport", FIELD(has_pages) },
    { "textDocument.publishDiagnostics.relatedInformation", FIELD(has_related) },
    { "textDocument.publishDiagnostics.versionSupport", FIELD(has_versions) },
    { "textDocument.documentSymbol.hierarchicalDocumentSymbolSupport",
      FIELD(has_tree) },
    { "textDocument.completion.completionItem.snippetSupport", FIELD(has_snippets) },
    { "workspace.workspaceEdit.documentChanges", FIELD(has_changes) },
    { "workspace.diagnostics.refreshSupport", FIELD(refreshes) },
    { "workspace.codeLens.refreshSupport", FIELD(has_lenses_refresh) },
    { "workspace.inlayHint.refreshSupport", FIELD(has_hints_refresh) },
    { "window.workDoneProgress", FIELD(has_progress) },
#undef FIELD
};

static void
client_read(struct pn_lsp *server, const json_t *params)
{
    const json_t *said = json_object_get(params, "capabilities");
    struct pn_lsp_client *client = &server->client;

    for (size_t i = 0; i < PN_COUNT_OF(understood); i++) {
        bool is = pn_json_is_true(said, understood[i].path);

        memcpy((char *)client + understood[i].field, &is, sizeof(is));
    }
    client->pulls = pn_json_at(said, "textDocument.diagnostic") != NULL;
    client->has_tags =
        pn_json_at(said, "textDocument.publishDiagnostics.tagSupport") != NULL;
    client->has_markdown =
        pn_json_has(said, "textDocument.hover.contentFormat", "markdown");
    client->pid = (long)json_integer_value(json_object_get(params, "processId"));
    server->encoding = pn_json_has(said, "general.positionEncodings", "utf-8")
                           ? PN_ENCODING_UTF8
                           : PN_ENCODING_UTF16;
}

/* Folders of the workspace, in any of the ways in which they were ever said. */
static void
folders_read(struct pn_lsp *server, const json_t *params)
{
    const json_t *folders = json_object_get(params, "workspaceFolders"), *item;
    size_t i;

    json_array_foreach(folders, i, item)(void) pn_lsp_folder_add(
        server, pn_json_read_text(json_object_get(item, "uri")), false);
    if (!json_is_array(folders) || !json_array_size(folders)) {
        struct pn_str root = pn_json_read_text(json_object_get(params, "rootUri"));

        if (!root.ptr)
            root = pn_json_read_text(json_object_get(params, "rootPath"));
        (void)pn_lsp_folder_add(server, root, false);
    }
    json_array_foreach(
        pn_json_at(params, "initializationOptions.postern.roots"), i,
        item) if (!pn_lsp_folder_add(server, pn_json_read_text(item), true))
        pn_lsp_complain(server, "postern.roots has what is no absolute path");
    pn_lsp_folders_apply(server);
}

/* What is offered, by members of the capabilities. */
static const struct {
    const char *member, *text;
} offered[] = {
#define X(method, is_request, function, member, offered) { member, offered },
#include "lsp/methods.def"
#undef X
};

static json_t *
offer(const struct pn_lsp *server)
{
    json_t *made = json_pack("{s:s, s:{s:{s:b, s:b}}}", "positionEncoding",
                             server->encoding == PN_ENCODING_UTF8 ? "utf-8" : "utf-16",
                             "workspace", "workspaceFolders", "supported", 1,
                             "changeNotifications", 1);

    for (size_t i = 0; made && i < PN_COUNT_OF(offered); i++)
        if (offered[i].member)
            (void)pn_json_set(made, offered[i].member,
                              json_loads(offered[i].text, JSON_DECODE_ANY, NULL));
    if (made && server->client.pulls)
        (void)pn_json_set(made, "diagnosticProvider",
                          json_pack("{s:s, s:b, s:b}", "identifier", "postern",
                                    "interFileDependencies", 1, "workspaceDiagnostics",
                                    0));
    return made;
}

void
pn_lsp_initialize(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;

    if (!json_is_object(call->params) ||
        !json_is_object(json_object_get(call->params, "capabilities"))) {
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "capabilities are wanted");
        return;
    }
    client_read(server, call->params);
    folders_read(server, call->params);
    server->state = PN_LSP_READY;
    call->result =
        json_pack("{s:o, s:{s:s, s:s}}", "capabilities", offer(server), "serverInfo",
                  "name", "postern", "version", server->host->version);
}

void
pn_lsp_initialized(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;

    (void)call;
    if (server->client.has_progress)
        pn_lsp_progress_ask(&server->progress);
}

void
pn_lsp_shutdown(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;

    (void)call;
    server->state = PN_LSP_SHUT;
}

void
pn_lsp_exit(void *payload, struct pn_rpc_call *call)
{
    (void)payload;
    call->peer->has_ended = true;
}

void
pn_lsp_change_folders(void *payload, struct pn_rpc_call *call)
{
    struct pn_lsp *server = payload;
    const json_t *item;
    size_t i;

    json_array_foreach(pn_json_at(call->params, "event.removed"), i, item)
        pn_lsp_folder_remove(server, pn_json_read_text(json_object_get(item, "uri")));
    json_array_foreach(pn_json_at(call->params, "event.added"), i, item)(void)
        pn_lsp_folder_add(server, pn_json_read_text(json_object_get(item, "uri")),
                          false);
    pn_lsp_folders_apply(server);
    pn_lsp_roots_touch_all(server);
}

/* Settings that a workspace can have are none of ours: only .postern is looked at anew.
 */
void
pn_lsp_change_configuration(void *payload, struct pn_rpc_call *call)
{
    (void)call;
    pn_lsp_roots_touch_all(payload);
}
