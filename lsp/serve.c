/* The table of what is answered, and the loop around it. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/sizes.h"
#include "lsp/root.h"

/* A list of a million lines, when it is opened, and some more. */
enum { MESSAGE_MAX = 256 << 20 };

static const struct pn_method methods[] = {
#define X(method, is_request, function, member, offered) \
    { method, is_request, function },
#include "lsp/methods.def"
#undef X
};

static bool
is_method(const struct pn_message *message, const char *name)
{
    return strcmp(message->method, name) == 0;
}

/*
 * A change of a text makes void what was asked of it before; but for what the editor
 * asks again by itself.
 */
static bool
outdates(const struct pn_message *later, const struct pn_message *earlier)
{
    if (later->kind != PN_MESSAGE_NOTIFICATION || earlier->kind != PN_MESSAGE_REQUEST ||
        !is_method(later, "textDocument/didChange") ||
        !pn_str_begins(pn_str_of_text(earlier->method), "textDocument/") ||
        is_method(earlier, "textDocument/diagnostic"))
        return false;
    return json_equal(pn_json_at(later->params, "textDocument.uri"),
                      pn_json_at(earlier->params, "textDocument.uri"));
}

/* Only what belongs to the state of the connection. */
static bool
admit(void *payload, const struct pn_method *method, struct pn_rpc_call *call)
{
    const struct pn_lsp *server = payload;
    bool is_first = strcmp(method->name, "initialize") == 0;

    if (strcmp(method->name, "exit") == 0)
        return true;
    if (server->state == PN_LSP_NEW && !is_first)
        pn_call_refuse(call, PN_RPC_NOT_INITIALIZED, "initialize comes first");
    else if (server->state == PN_LSP_SHUT)
        pn_call_refuse(call, PN_RPC_INVALID_REQUEST,
                       "it was shut down: exit comes now");
    else if (server->state == PN_LSP_READY && is_first)
        pn_call_refuse(call, PN_RPC_INVALID_REQUEST, "it was initialized before");
    else
        return true;
    return false;
}

/* An editor that has died without a word. */
static bool
client_is_gone(const struct pn_lsp *server)
{
    return server->client.pid > 0 && kill((pid_t)server->client.pid, 0) < 0 &&
           errno == ESRCH;
}

/* A pn_service.respond */
static void
respond(void *payload, const struct pn_message *response)
{
    struct pn_lsp *server = payload;

    pn_lsp_progress_answer(&server->progress, response);
}

static int
idle(void *payload)
{
    struct pn_lsp *server = payload;

    if (client_is_gone(server))
        server->peer.has_ended = true;
    if (server->state != PN_LSP_READY)
        return -1;
    if (!pn_lsp_roots_work(server))
        return 0;
    pn_lsp_tell(server);
    return -1;
}

static int
serve(const struct pn_lsp_host *host, int in, struct pn_str text, int out)
{
    const struct pn_inbox_options options = { .fd = in,
                                              .text = text,
                                              .framing = PN_FRAMING_HEADERS,
                                              .limit = MESSAGE_MAX,
                                              .cancel_method = "$/cancelRequest",
                                              .cancel_member = "id",
                                              .outdates = outdates };
    struct pn_lsp server = { .host = host,
                             .peer = { .fd = out, .framing = PN_FRAMING_HEADERS } };
    const struct pn_service service = { methods, PN_COUNT_OF(methods),
                                        &server, admit,
                                        respond, idle };
    struct pn_budget *before = pn_budget_enter(&server.budget);

    server.progress.peer = &server.peer;
    server.peer.inbox = pn_inbox_open(&options);
    if (server.peer.inbox)
        pn_peer_serve(&server.peer, &service);
    pn_inbox_close(server.peer.inbox);
    pn_lsp_roots_clear(&server);
    pn_documents_clear(&server.documents);
    pn_lsp_folders_clear(&server);
    (void)pn_budget_enter(before);
    return server.state == PN_LSP_SHUT ? 0 : 1;
}

int
pn_lsp_serve(const struct pn_lsp_host *host, int in, int out)
{
    return serve(host, in, (struct pn_str){ NULL, 0 }, out);
}

int
pn_lsp_serve_text(const struct pn_lsp_host *host, struct pn_str text, int out)
{
    return serve(host, -1, text, out);
}
