/* A message of JSON-RPC 2.0: what it is, and what is wrong with it. */
#ifndef PN_RPC_MESSAGE_H
#define PN_RPC_MESSAGE_H

#include <jansson.h>

#include "base/str.h"

/* The codes of JSON-RPC, and those of the Language Server Protocol. */
enum pn_rpc_code {
    PN_RPC_PARSE_ERROR = -32700,
    PN_RPC_INVALID_REQUEST = -32600,
    PN_RPC_METHOD_NOT_FOUND = -32601,
    PN_RPC_INVALID_PARAMS = -32602,
    PN_RPC_INTERNAL_ERROR = -32603,
    PN_RPC_NOT_INITIALIZED = -32002,
    PN_RPC_REQUEST_FAILED = -32803,
    PN_RPC_CONTENT_MODIFIED = -32801,
    PN_RPC_REQUEST_CANCELLED = -32800,
};

enum pn_message_kind {
    PN_MESSAGE_BAD, /* `code` and `why` are for an answer, to `id` if there is one */
    PN_MESSAGE_REQUEST,
    PN_MESSAGE_NOTIFICATION,
    PN_MESSAGE_RESPONSE
};

/* Owns the root; the rest are parts of it, or static. */
struct pn_message {
    enum pn_message_kind kind;
    enum pn_rpc_code code; /* of a bad one */
    const char *why;
    json_t *root;           /* NULL of a bad one that is no JSON */
    json_t *id;             /* a number or a text; NULL for none */
    const char *method;     /* of a request or notification: no NUL in it */
    json_t *params;         /* an object or an array; NULL for none */
    json_t *result, *error; /* of a response */
};

/* No message has more values: what a few bytes of text take as JSON is bounded so. */
enum { PN_MESSAGE_VALUES_MAX = 1000000, PN_MESSAGE_DEPTH_MAX = 64 };

/* Reads a message, of whatever bytes. Clear it in any case. */
void
pn_message_read(struct pn_message *out, struct pn_str text);

void
pn_message_clear(struct pn_message *message);

/* New references, for json_decref(); NULL without memory. `result` is taken over, NULL
 * is without memory; `id` NULL is null. */
json_t *
pn_message_answer(json_t *id, json_t *result);

/* `why` is UTF-8, and static or copied. */
json_t *
pn_message_fault(json_t *id, enum pn_rpc_code code, const char *why);

/* `params` is taken over; `id` 0 for a notification. */
json_t *
pn_message_call(const char *method, json_t *params, json_int_t id);

#endif
