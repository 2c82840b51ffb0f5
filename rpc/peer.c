/* The loop: a message, its method, its answer. */
#include "rpc/peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"

enum { WAIT_MS = 2000 };

void
pn_call_refuse(struct pn_rpc_call *call, enum pn_rpc_code code, const char *why)
{
    call->code = code;
    call->why = why;
}

static bool
text_write(const struct pn_peer *peer, const char *text)
{
    size_t size = strlen(text);
    char header[64];
    int length;

    if (peer->framing == PN_FRAMING_LINES)
        return pn_write_all(peer->fd, text, size) && pn_write_all(peer->fd, "\n", 1);
    length = snprintf(header, sizeof(header), "Content-Length: %zu\r\n\r\n", size);
    return pn_write_all(peer->fd, header, (size_t)length) &&
           pn_write_all(peer->fd, text, size);
}

/* What is said when there is no memory to say more. */
static const char no_memory[] = "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":"
                                "-32603,\"message\":\"there is no memory\"}}";

void
pn_peer_send_text(struct pn_peer *peer, const char *text)
{
    if (!peer->failed && !text_write(peer, text ? text : no_memory)) {
        peer->failed = true;
        peer->error = errno;
    }
}

void
pn_peer_send(struct pn_peer *peer, json_t *message)
{
    char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

    pn_peer_send_text(peer, text);
    free(text);
    json_decref(message);
}

void
pn_peer_notify(struct pn_peer *peer, const char *method, json_t *params)
{
    json_t *message = pn_message_call(method, params, 0);

    if (message)
        pn_peer_send(peer, message);
}

json_int_t
pn_peer_ask(struct pn_peer *peer, const char *method, json_t *params)
{
    json_t *message = pn_message_call(method, params, ++peer->last);

    if (message)
        pn_peer_send(peer, message);
    return peer->last;
}

static const struct pn_method *
method_find(const struct pn_service *service, const char *name)
{
    for (size_t i = 0; i < service->count; i++)
        if (strcmp(service->methods[i].name, name) == 0)
            return &service->methods[i];
    return NULL;
}

static void
call_take(const struct pn_service *service, struct pn_rpc_call *call)
{
    const struct pn_message *message = &call->letter->message;
    const struct pn_method *method = method_find(service, message->method);
    bool is_request = message->kind == PN_MESSAGE_REQUEST;

    if (call->letter->state == PN_LETTER_CANCELLED)
        pn_call_refuse(call, PN_RPC_REQUEST_CANCELLED, "it was cancelled");
    else if (call->letter->state == PN_LETTER_OUTDATED)
        pn_call_refuse(call, PN_RPC_CONTENT_MODIFIED, "the text has changed since");
    else if (!method || method->is_request != is_request)
        pn_call_refuse(call, PN_RPC_METHOD_NOT_FOUND, "there is no such method");
    else if (!service->admit || service->admit(service->server, method, call))
        method->take(service->server, call);
}

/* The answer to a request: its result, or its error. */
static void
call_answer(struct pn_rpc_call *call)
{
    json_t *id = call->letter->message.id;

    if (call->code) {
        json_decref(call->result);
        pn_peer_send(call->peer, pn_message_fault(id, call->code, call->why));
    } else
        pn_peer_send(call->peer,
                     pn_message_answer(id, call->result ? call->result : json_null()));
}

static void
letter_take(struct pn_peer *peer, const struct pn_service *service,
            struct pn_letter *letter)
{
    const struct pn_message *message = &letter->message;
    struct pn_rpc_call call = { .peer = peer,
                                .letter = letter,
                                .params = message->params };

    switch (message->kind) {
    case PN_MESSAGE_BAD:
        pn_peer_send(peer, pn_message_fault(message->id, message->code, message->why));
        break;
    case PN_MESSAGE_RESPONSE:
        if (service->respond)
            service->respond(service->server, message);
        break;
    case PN_MESSAGE_REQUEST:
        call_take(service, &call);
        call_answer(&call);
        break;
    case PN_MESSAGE_NOTIFICATION: /* nobody waits for an answer */
        call_take(service, &call);
        json_decref(call.result);
        break;
    }
    if (call.after)
        call.after(service->server, call.payload);
    pn_buffer_free(&call.text);
}

void
pn_peer_serve(struct pn_peer *peer, const struct pn_service *service)
{
    int wait_ms = -1;

    while (!peer->failed && !peer->has_ended) {
        struct pn_letter letter;
        enum pn_inbox_wait found =
            pn_inbox_next(peer->inbox, wait_ms < 0 ? WAIT_MS : wait_ms, &letter);

        if (found == PN_INBOX_END)
            return;
        if (found == PN_INBOX_LETTER) {
            letter_take(peer, service, &letter);
            pn_message_clear(&letter.message);
            wait_ms = 0;
        } else
            wait_ms = service->idle ? service->idle(service->server) : -1;
    }
}
