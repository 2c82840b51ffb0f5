/* Calls in processes of their own: begun, watched, ended. */
#ifndef PN_MCP_CALLS_H
#define PN_MCP_CALLS_H

#include <stdint.h>
#include <sys/types.h>

#include "mcp/job.h"

enum { PN_MCP_TIME_S = 10, PN_MCP_MEMORY_MIB = 512 };

/* What a child writes before its result. */
struct pn_mcp_head {
    size_t size;
    bool is_fault; /* it is an error of the protocol, and no result */
    bool lacks_memory;
};

/*
 * Processes that were ended and have not been waited for: one that hangs in a file
 * system which does not answer ends late, and the server does not wait for it.
 */
enum { PN_MCP_ENDING_MOST = 64 };

struct pn_mcp_ending {
    pid_t pids[PN_MCP_ENDING_MOST];
    size_t count;
};

/* Waits for those that have ended by now. */
void
pn_mcp_reap(struct pn_mcp_ending *ending);

/* A request that is answered by a process of its own. */
struct pn_mcp_call {
    json_t *id;    /* of the request */
    json_t *token; /* of its progress; NULL: nobody wants to know */
    size_t size;   /* of the request */
    struct pn_mcp_job job;
    struct pn_mcp_ending *ending; /* the server's */
    pid_t pid;                    /* 0: it waits */
    int fd;                       /* what the process writes */
    struct pn_buffer got;
    int64_t began_ms, told_ms;
};

/* Milliseconds of a clock that nobody sets. */
int64_t
pn_mcp_now(void);

/*
 * Starts the process of a call, which has none; `others` are calls whose descriptors
 * are none of its business. False with errno set.
 */
bool
pn_mcp_call_start(struct pn_mcp_call *call, const struct pn_mcp_host *host,
                  struct pn_mcp_call *const *others, size_t count);

/* Reads what is there; false when that was the end, or it is too much. */
bool
pn_mcp_call_read(struct pn_mcp_call *call);

/* Ends the process, in whatever state it is. */
void
pn_mcp_call_stop(struct pn_mcp_call *call);

/* How a process ended that did not answer. */
enum pn_mcp_end { PN_MCP_END_ITSELF, PN_MCP_END_TIME };

/*
 * The result of a call whose process was stopped, as JSON: what it wrote, or the error
 * that stands for it. Appends to `out`; true when it is an error of the protocol.
 */
bool
pn_mcp_call_result(const struct pn_mcp_call *call, enum pn_mcp_end end,
                   struct pn_buffer *out);

void
pn_mcp_call_free(struct pn_mcp_call *call);

#endif
