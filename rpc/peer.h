/*
 * One end of a JSON-RPC connection: it takes requests by a table, answers each of them
 * once, and does what is left to do while there are none.
 */
#ifndef PN_RPC_PEER_H
#define PN_RPC_PEER_H

#include "rpc/inbox.h"

struct pn_peer {
    struct pn_inbox *inbox;
    int fd; /* where answers go */
    enum pn_framing framing;
    bool failed;     /* nobody reads any more, or writing failed: */
    int error;       /* the errno of that */
    bool has_ended;  /* set by a method: nothing is taken any more */
    json_int_t last; /* the id of the last request that was sent */
};

/* A request or a notification that is being taken. */
struct pn_rpc_call {
    struct pn_peer *peer;
    struct pn_letter *letter;
    const json_t *params; /* NULL for none */
    /* Filled by the method: a result, which is taken over, or a code and why. Both NULL
     * and 0: null. */
    json_t *result;
    enum pn_rpc_code code;
    const char *why; /* static, or in `text` */
    struct pn_buffer text;
    /* For what has to be sent behind the answer; NULL: nothing. */
    void (*after)(void *server, void *payload);
    void *payload;
};

struct pn_method {
    const char *name;
    bool is_request; /* else a notification */
    void (*take)(void *server, struct pn_rpc_call *call);
};

struct pn_service {
    const struct pn_method *methods;
    size_t count;
    void *server;
    /* May a method be taken now? If not it has filled the code; NULL: all may. */
    bool (*admit)(void *server, const struct pn_method *method,
                  struct pn_rpc_call *call);
    /* A response to a request that was sent. */
    void (*respond)(void *server, const struct pn_message *response);
    /* Called while no message waits; milliseconds until it wants to be called again, or
     * -1: when a message was taken. */
    int (*idle)(void *server);
};

/* Refuses a call: its answer is this error. `why` is static. */
void
pn_call_refuse(struct pn_rpc_call *call, enum pn_rpc_code code, const char *why);

/* Sends a message, which is taken over; NULL is one that there was no memory for. */
void
pn_peer_send(struct pn_peer *peer, json_t *message);

/* The same of one that is JSON already, and one line; NULL likewise. */
void
pn_peer_send_text(struct pn_peer *peer, const char *text);

/* Sends a notification, or a request, whose id it returns; params are taken over. */
void
pn_peer_notify(struct pn_peer *peer, const char *method, json_t *params);

json_int_t
pn_peer_ask(struct pn_peer *peer, const char *method, json_t *params);

/* Takes messages until the input ends, nobody reads the answers, or has_ended is set.
 */
void
pn_peer_serve(struct pn_peer *peer, const struct pn_service *service);

#endif
