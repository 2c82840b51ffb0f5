/* The server: its connection, its calls, and what its parts share. */
#ifndef PN_MCP_SERVER_H
#define PN_MCP_SERVER_H

#include "mcp/calls.h"
#include "rpc/peer.h"

/* So many at work, and so many that wait, with so many bytes of requests. */
enum { PN_MCP_AT_WORK = 4, PN_MCP_WAITING = 64, PN_MCP_BYTES = 64 << 20 };

struct pn_mcp {
    const struct pn_mcp_host *host;
    struct pn_peer peer; /* answers; nothing is read by it */
    int in;
    bool is_ready;     /* it was initialized */
    bool in_has_ended; /* no more requests come */
    struct pn_framer framer;
    struct pn_mcp_call **calls; /* in the order they came */
    size_t count, capacity;
    size_t bytes; /* of their requests */
    struct pn_mcp_ending ending;
};

/* A request or notification that is being taken. */
struct pn_mcp_asked {
    const struct pn_message *message;
    size_t size; /* of its text */
    /* Filled by the method: a result, which is taken over, or a code and why, or a job,
     * which is taken over. */
    json_t *result;
    enum pn_rpc_code code;
    const char *why; /* static */
    struct pn_mcp_job job;
    bool has_job;
};

/* Refuses a request. */
void
pn_mcp_refuse(struct pn_mcp_asked *asked, enum pn_rpc_code code, const char *why);

/* By methods.def. */
#define X(method, is_request, function) \
    void function(struct pn_mcp *server, struct pn_mcp_asked *asked);
#include "mcp/methods.def"
#undef X

/* The call of a request; NULL when it is none that is not answered yet. */
struct pn_mcp_call *
pn_mcp_call_of(const struct pn_mcp *server, const json_t *id);

/* Takes a call out, and ends it: it is not answered. */
void
pn_mcp_call_drop(struct pn_mcp *server, struct pn_mcp_call *call);

#endif
