/* jansson reads the JSON; here it is bounded before, and looked at after. */
#include "rpc/message.h"

#include <string.h>

/*
 * Counts values and depth by their signs, outside of texts: jansson takes a hundred
 * bytes for a value that has two in the text, and a call for each level.
 */
static const char *
size_fault(struct pn_str text)
{
    size_t values = 1, depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"')
            quoted = true;
        else if (c == '[' || c == '{') {
            values++;
            if (++depth > PN_MESSAGE_DEPTH_MAX)
                return "the message is nested too deep";
        } else if (c == ']' || c == '}')
            depth -= depth > 0;
        else
            values += c == ',';
    }
    return values > PN_MESSAGE_VALUES_MAX ? "the message has too many values" : NULL;
}

static void
bad(struct pn_message *message, enum pn_rpc_code code, const char *why)
{
    message->kind = PN_MESSAGE_BAD;
    message->code = code;
    message->why = why;
}

static void
request_look(struct pn_message *message, const json_t *method)
{
    message->method = json_string_value(method);
    if (strlen(message->method) != json_string_length(method))
        bad(message, PN_RPC_INVALID_REQUEST, "the method has a NUL in it");
    else if (message->params && !json_is_object(message->params) &&
             !json_is_array(message->params))
        bad(message, PN_RPC_INVALID_REQUEST, "params are an object or an array");
    else
        message->kind = message->id ? PN_MESSAGE_REQUEST : PN_MESSAGE_NOTIFICATION;
}

/* What kind of message is it? Its parts are found. */
static void
look(struct pn_message *message)
{
    json_t *id = json_object_get(message->root, "id");
    const json_t *method = json_object_get(message->root, "method");
    const char *version = json_string_value(json_object_get(message->root, "jsonrpc"));

    if (json_is_string(id) || json_is_integer(id))
        message->id = id;
    message->params = json_object_get(message->root, "params");
    if (json_is_null(message->params))
        message->params = NULL;
    message->result = json_object_get(message->root, "result");
    message->error = json_object_get(message->root, "error");
    if (json_is_array(message->root))
        bad(message, PN_RPC_INVALID_REQUEST, "batches are not taken: send one by one");
    else if (!json_is_object(message->root))
        bad(message, PN_RPC_INVALID_REQUEST, "a message is an object");
    else if (!version || strcmp(version, "2.0") != 0)
        bad(message, PN_RPC_INVALID_REQUEST, "\"jsonrpc\": \"2.0\" is missing");
    else if (json_is_string(method)) {
        if (id && !message->id)
            bad(message, PN_RPC_INVALID_REQUEST, "an id is a whole number or a text");
        else
            request_look(message, method);
    } else if (method || !(message->result || message->error))
        bad(message, PN_RPC_INVALID_REQUEST, "a method is wanted, and is a text");
    else
        message->kind = PN_MESSAGE_RESPONSE;
}

void
pn_message_read(struct pn_message *out, struct pn_str text)
{
    const char *why = size_fault(text);
    json_error_t error;

    *out = (struct pn_message){ 0 };
    if (why) {
        bad(out, PN_RPC_INVALID_REQUEST, why);
        return;
    }
    out->root = json_loadb(text.len ? text.ptr : "", text.len,
                           JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    if (out->root)
        look(out);
    else if (json_error_code(&error) == json_error_out_of_memory)
        bad(out, PN_RPC_INTERNAL_ERROR, "there is no memory for the message");
    else
        bad(out, PN_RPC_PARSE_ERROR, "the message is no JSON");
}

void
pn_message_clear(struct pn_message *message)
{
    json_decref(message->root);
    *message = (struct pn_message){ 0 };
}

static json_t *
answer_new(json_t *id)
{
    json_t *answer = json_pack("{s:s}", "jsonrpc", "2.0");

    if (answer &&
        json_object_set_new(answer, "id", id ? json_incref(id) : json_null()) < 0) {
        json_decref(answer);
        return NULL;
    }
    return answer;
}

/* Adds the last part, which is taken over; NULL when either is not there. */
static json_t *
complete(json_t *message, const char *name, json_t *part)
{
    if (message && part && json_object_set_new(message, name, part) == 0)
        return message;
    if (!message)
        json_decref(part);
    json_decref(message);
    return NULL;
}

json_t *
pn_message_answer(json_t *id, json_t *result)
{
    return complete(answer_new(id), "result", result);
}

json_t *
pn_message_fault(json_t *id, enum pn_rpc_code code, const char *why)
{
    return complete(answer_new(id), "error",
                    json_pack("{s:i, s:s}", "code", (int)code, "message", why));
}

json_t *
pn_message_call(const char *method, json_t *params, json_int_t id)
{
    json_t *call = json_pack("{s:s, s:s}", "jsonrpc", "2.0", "method", method);

    if (call && id && json_object_set_new(call, "id", json_integer(id)) < 0) {
        json_decref(call);
        call = NULL;
    }
    return complete(call, "params", params);
}
