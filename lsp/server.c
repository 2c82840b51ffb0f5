/* What every method needs of the server. */
#include "lsp/server.h"

void
pn_lsp_complain(struct pn_lsp *server, const char *why)
{
    enum { ERROR = 1 };

    pn_peer_notify(&server->peer, "window/logMessage",
                   json_pack("{s:i, s:s}", "type", ERROR, "message", why));
}

struct pn_document *
pn_lsp_document(struct pn_lsp *server, struct pn_rpc_call *call)
{
    struct pn_str uri = pn_json_read_text(pn_json_at(call->params, "textDocument.uri"));
    struct pn_document *found =
        uri.ptr ? pn_documents_find(&server->documents, uri) : NULL;

    if (!uri.ptr)
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "textDocument.uri is wanted");
    else if (!found)
        pn_call_refuse(call, PN_RPC_INVALID_PARAMS, "this document is not open");
    return found;
}

struct pn_lsp_view
pn_lsp_view(const struct pn_lsp *server, const struct pn_document *document)
{
    return (struct pn_lsp_view){ pn_document_text(document), &document->lines,
                                 server->encoding };
}
