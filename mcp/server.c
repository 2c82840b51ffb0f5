/*
 * One thread, and poll(2): requests are taken as they come, calls are answered as their
 * processes end. What is at work is ended when its time is over, when it is taken back,
 * and when nobody reads any more.
 */
#include "mcp/server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "rpc/json.h"

enum {
    MESSAGE_MAX = 32 << 20,
    PIECE = 1 << 16,
    TELL_MS = 1000,
    REAP_MS = 50,
    FIRST_CALL = 2, /* of what is polled: requests, answers, then calls */
    SYSTEM_FAILS = 111
};

static const struct method {
    const char *name;
    bool is_request;
    void (*take)(struct pn_mcp *server, struct pn_mcp_asked *asked);
} methods[] = {
#define X(method, is_request, function) { method, is_request, function },
#include "mcp/methods.def"
#undef X
};

struct pn_mcp_call *
pn_mcp_call_of(const struct pn_mcp *server, const json_t *id)
{
    for (size_t i = 0; i < server->count && id; i++)
        if (json_equal(server->calls[i]->id, id))
            return server->calls[i];
    return NULL;
}

void
pn_mcp_call_drop(struct pn_mcp *server, struct pn_mcp_call *call)
{
    size_t i = 0;

    while (i < server->count && server->calls[i] != call)
        i++;
    if (i == server->count)
        return;
    memmove(server->calls + i, server->calls + i + 1,
            (server->count - i - 1) * sizeof(*server->calls));
    server->count--;
    server->bytes -= call->size;
    pn_mcp_call_free(call);
}

/* A response whose result, or error, is JSON already. */
static void
text_answer(struct pn_mcp *server, json_t *id, bool is_fault, struct pn_str part)
{
    char *number = json_dumps(id, JSON_ENCODE_ANY | JSON_COMPACT);
    struct pn_buffer text = { 0 };

    pn_buffer_add_format(&text, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"%s\":",
                         number ? number : "null", is_fault ? "error" : "result");
    pn_buffer_add_str(&text, part);
    pn_buffer_add(&text, "}", sizeof("}"));
    pn_peer_send_text(&server->peer,
                      number && part.len && !text.failed ? text.bytes : NULL);
    free(number);
    pn_buffer_free(&text);
}

static void
call_answer(struct pn_mcp *server, struct pn_mcp_call *call, enum pn_mcp_end end)
{
    struct pn_buffer text = { 0 };
    bool is_fault;

    pn_mcp_call_stop(call);
    is_fault = pn_mcp_call_result(call, end, &text);
    text_answer(server, call->id, is_fault,
                text.failed ? PN_STR("") : pn_str_of(&text));
    pn_buffer_free(&text);
    pn_mcp_call_drop(server, call);
}

/* Calls that wait are started, as many as there may be. */
static void
calls_start(struct pn_mcp *server)
{
    size_t at_work = 0;

    for (size_t i = 0; i < server->count; i++)
        at_work += server->calls[i]->pid != 0;
    for (size_t i = 0; i < server->count && at_work < PN_MCP_AT_WORK; i++) {
        struct pn_mcp_call *call = server->calls[i];

        if (call->pid)
            continue;
        if (pn_mcp_call_start(call, server->host, server->calls, server->count)) {
            at_work++;
            continue;
        }
        pn_peer_send(&server->peer,
                     pn_message_fault(call->id, PN_RPC_INTERNAL_ERROR,
                                      "the system has no process for the call: try "
                                      "again"));
        pn_mcp_call_drop(server, call);
        i--;
    }
}

/* A request that takes work: a call, which owns the job. */
static void
call_add(struct pn_mcp *server, struct pn_mcp_asked *asked)
{
    const struct pn_message *message = asked->message;
    const json_t *token = pn_json_at(message->params, "_meta.progressToken");
    struct pn_mcp_call *call = pn_calloc(1, sizeof(*call));

    if (!call || !pn_vector_add(&server->calls, &server->count, &server->capacity,
                                &call, sizeof(call))) {
        pn_free(call);
        pn_mcp_job_clear(&asked->job);
        pn_peer_send(&server->peer, NULL);
        return;
    }
    *call = (struct pn_mcp_call){ .id = json_incref(message->id),
                                  .size = asked->size,
                                  .job = asked->job,
                                  .ending = &server->ending,
                                  .fd = -1 };
    if (json_is_string(token) || json_is_integer(token))
        call->token = json_incref((json_t *)token);
    server->bytes += call->size;
}

static const struct method *
method_find(const struct pn_message *message)
{
    for (size_t i = 0; i < PN_COUNT_OF(methods); i++)
        if (strcmp(methods[i].name, message->method) == 0 &&
            methods[i].is_request == (message->kind == PN_MESSAGE_REQUEST))
            return &methods[i];
    return NULL;
}

/* May it be asked now? */
static bool
admit(const struct pn_mcp *server, struct pn_mcp_asked *asked)
{
    const struct pn_message *message = asked->message;
    const char *method = message->method;

    if (pn_mcp_call_of(server, message->id))
        pn_mcp_refuse(asked, PN_RPC_INVALID_REQUEST,
                      "this id is that of a request that is not answered yet");
    else if (message->params && !json_is_object(message->params))
        pn_mcp_refuse(asked, PN_RPC_INVALID_PARAMS, "params are an object");
    else if (!server->is_ready && strcmp(method, "initialize") != 0 &&
             strcmp(method, "ping") != 0)
        pn_mcp_refuse(asked, PN_RPC_INVALID_REQUEST, "initialize comes first");
    return !asked->code;
}

static void
request_take(struct pn_mcp *server, struct pn_mcp_asked *asked)
{
    const struct method *method = method_find(asked->message);
    json_t *id = asked->message->id;

    if (!method)
        pn_mcp_refuse(asked, PN_RPC_METHOD_NOT_FOUND, "there is no such method");
    else if (admit(server, asked))
        method->take(server, asked);
    if (asked->code)
        pn_peer_send(&server->peer, pn_message_fault(id, asked->code, asked->why));
    else if (asked->has_job)
        call_add(server, asked);
    else if (asked->result)
        pn_peer_send(&server->peer, pn_message_answer(id, asked->result));
    else
        pn_peer_send(&server->peer,
                     pn_message_fault(id, PN_RPC_INTERNAL_ERROR, "there is no memory"));
}

static void
message_take(struct pn_mcp *server, struct pn_str text)
{
    struct pn_message message;
    struct pn_mcp_asked asked = { .message = &message, .size = text.len };
    const struct method *method;

    pn_message_read(&message, text);
    switch (message.kind) {
    case PN_MESSAGE_BAD:
        pn_peer_send(&server->peer,
                     pn_message_fault(message.id, message.code, message.why));
        break;
    case PN_MESSAGE_REQUEST:
        request_take(server, &asked);
        break;
    case PN_MESSAGE_NOTIFICATION:
        method = method_find(&message);
        if (method)
            method->take(server, &asked);
        break;
    case PN_MESSAGE_RESPONSE: /* nothing was asked */
        break;
    }
    pn_message_clear(&message);
}

/* What the framer could not make a message of. */
static void
frame_refuse(struct pn_mcp *server, enum pn_frame frame)
{
    bool is_long = frame == PN_FRAME_TOO_LONG;

    pn_peer_send(
        &server->peer,
        pn_message_fault(NULL, is_long ? PN_RPC_INVALID_REQUEST : PN_RPC_INTERNAL_ERROR,
                         is_long ? "a message has 32 MiB at most"
                                 : "there is no memory for the message"));
}

static bool
is_full(const struct pn_mcp *server)
{
    return server->count >= PN_MCP_AT_WORK + PN_MCP_WAITING ||
           server->bytes >= PN_MCP_BYTES;
}

/* Takes messages that were read, as long as there is room for calls. */
static void
frames_take(struct pn_mcp *server)
{
    struct pn_str text;
    enum pn_frame frame = PN_FRAME_MESSAGE;

    while (!is_full(server) && !server->peer.failed && frame != PN_FRAME_NONE) {
        frame = pn_framer_next(&server->framer, &text);
        if (frame == PN_FRAME_MESSAGE)
            message_take(server, text);
        else if (frame != PN_FRAME_NONE)
            frame_refuse(server, frame);
    }
}

static void
input_read(struct pn_mcp *server)
{
    char piece[PIECE];
    ssize_t size = read(server->in, piece, sizeof(piece));

    if (size < 0 && errno == EINTR)
        return;
    if (size <= 0)
        server->in_has_ended = true;
    else if (!pn_framer_add(&server->framer, piece, (size_t)size))
        frame_refuse(server, PN_FRAME_MEMORY);
}

/* Tells who wants to know that a call is still at work. */
static void
progress_tell(struct pn_mcp *server, struct pn_mcp_call *call, int64_t now)
{
    if (!call->token || now - call->told_ms < TELL_MS)
        return;
    call->told_ms = now;
    pn_peer_notify(&server->peer, "notifications/progress",
                   json_pack("{s:O, s:f, s:i, s:s}", "progressToken", call->token,
                             "progress", (double)(now - call->began_ms) / 1000, "total",
                             PN_MCP_TIME_S, "message",
                             "seconds of those that a call may take"));
}

/* Ends calls whose time is over; milliseconds until one wants to be looked at again. */
static int
clock_look(struct pn_mcp *server)
{
    int64_t now = pn_mcp_now(), wait = -1;

    for (size_t i = 0; i < server->count; i++) {
        struct pn_mcp_call *call = server->calls[i];
        int64_t left = call->began_ms + PN_MCP_TIME_S * 1000 - now;

        if (!call->pid)
            continue;
        if (left <= 0) {
            call_answer(server, call, PN_MCP_END_TIME);
            i--;
            continue;
        }
        progress_tell(server, call, now);
        if (call->token && left > TELL_MS)
            left = TELL_MS - (now - call->told_ms);
        if (wait < 0 || left < wait)
            wait = left;
    }
    pn_mcp_reap(&server->ending);
    if (server->ending.count && (wait < 0 || wait > REAP_MS))
        wait = REAP_MS;
    return (int)wait;
}

/*
 * Waits for what comes next, and takes it. Calls stand in `polled` by the order that
 * they have now; an answer takes its call out, so that the last is looked at first.
 */
static bool
wait_next(struct pn_mcp *server, int wait_ms)
{
    struct pollfd polled[FIRST_CALL + PN_MCP_AT_WORK + PN_MCP_WAITING];
    size_t count = server->count;

    polled[0] =
        (struct pollfd){ server->in_has_ended || is_full(server) ? -1 : server->in,
                         POLLIN, 0 };
    polled[1] = (struct pollfd){ server->peer.fd, 0, 0 };
    for (size_t i = 0; i < count; i++)
        polled[FIRST_CALL + i] =
            (struct pollfd){ server->calls[i]->pid ? server->calls[i]->fd : -1, POLLIN,
                             0 };
    if (poll(polled, FIRST_CALL + count, wait_ms) < 0)
        return errno == EINTR;
    if (polled[1].revents & (POLLERR | POLLHUP | POLLNVAL))
        return false; /* nobody reads */
    for (size_t i = count; i-- > 0;)
        if (polled[FIRST_CALL + i].revents && !pn_mcp_call_read(server->calls[i]))
            call_answer(server, server->calls[i], PN_MCP_END_ITSELF);
    if (polled[0].revents)
        input_read(server);
    return true;
}

static void
serve(struct pn_mcp *server)
{
    for (;;) {
        int wait_ms;

        frames_take(server);
        calls_start(server);
        wait_ms = clock_look(server);
        if (server->peer.failed)
            return;
        calls_start(server); /* in the place of those whose time was over */
        if (server->in_has_ended && !server->count)
            return;
        if (!wait_next(server, wait_ms < 0 && server->count ? 0 : wait_ms))
            return;
    }
}

int
pn_mcp_serve(const struct pn_mcp_host *host, int in, int out)
{
    struct pn_mcp server = { .host = host,
                             .peer = { .fd = out, .framing = PN_FRAMING_LINES },
                             .in = in,
                             .framer = { .framing = PN_FRAMING_LINES,
                                         .limit = MESSAGE_MAX } };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    if (sigaction(SIGPIPE, &ignore, NULL) < 0)
        return SYSTEM_FAILS;
    serve(&server);
    while (server.count)
        pn_mcp_call_drop(&server, server.calls[server.count - 1]);
    pn_free(server.calls);
    pn_framer_clear(&server.framer);
    /* who does not read any more has read enough */
    return server.peer.failed && server.peer.error != EPIPE ? SYSTEM_FAILS : 0;
}
