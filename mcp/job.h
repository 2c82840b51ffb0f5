/*
 * What a process of its own is to do for a request, and what comes of it: a verb with
 * words and texts, or a resource that is found in the folder.
 */
#ifndef PN_MCP_JOB_H
#define PN_MCP_JOB_H

#include <sys/types.h>

#include "base/buffer.h"
#include "mcp/host.h"
#include "mcp/tools.h"

enum { PN_MCP_TEXTS_MAX = 4, PN_MCP_WORDS_MAX = 64, PN_MCP_PLACE_MAX = 64 };

/* A text that stands in the place of a file. */
struct pn_mcp_text {
    char *name;          /* ours; of claims NULL, until the policy is known */
    const json_t *value; /* of the request: a text, or an array of statements */
    const char *place;   /* which argument it is */
    bool is_claims;      /* statements for the file of claims beside the policy, */
    const char *option;  /* and the option that names it, the word of this number */
    size_t word;
};

/* A file that is read: it is looked at before the verb runs. */
struct pn_mcp_path {
    size_t word; /* by number */
    const char *place;
};

struct pn_mcp_job {
    const struct pn_mcp_tool *tool; /* NULL: a resource */
    bool lists;                     /* of a resource: those that there are */
    size_t cursor;                  /* of a list: items that were answered before */
    char *path;                     /* ours: the policy that is read; else NULL */
    json_t *params;                 /* of the request; the texts are its */
    char **words;                   /* ours, each of them, too */
    size_t word_count, word_capacity;
    struct pn_mcp_text texts[PN_MCP_TEXTS_MAX];
    size_t text_count;
    struct pn_mcp_path paths[PN_MCP_TEXTS_MAX];
    size_t path_count;
    const json_t *clients; /* of the request; NULL: none */
    size_t limit;
    bool failed; /* no memory */
};

/* Why something is not answered. All are static, or of the request. */
struct pn_mcp_fault {
    const char *reason, *message;
    const char *send;             /* what to send instead, as JSON; or NULL */
    char place[PN_MCP_PLACE_MAX]; /* of what it is about: a path of members */
    const char *near;             /* what was likely meant; or NULL */
};

/*
 * Makes a job of the arguments of a call; false when they are not what the tool takes,
 * and *fault says why. The arguments are held as long as the job; clear it in any case.
 */
bool
pn_mcp_job_read(struct pn_mcp_job *job, const struct pn_mcp_tool *tool,
                json_t *arguments, struct pn_mcp_fault *fault);

void
pn_mcp_job_clear(struct pn_mcp_job *job);

/* {"error": {...}}: what a tool answers when it does not answer. */
json_t *
pn_mcp_error(const struct pn_mcp_fault *fault);

/* The same as an error of JSON-RPC, with a code and the reason as data. */
json_t *
pn_mcp_rpc_error(const struct pn_mcp_fault *fault);

/* The result of tools/call of an answer, which is taken over; NULL without memory. */
json_t *
pn_mcp_result(json_t *answer, bool is_error);

#define PN_MCP_NO_MEMORY "the call took more than 512 MiB of memory: ask for less"

/* What a verb printed, and how it ended. */
struct pn_mcp_printed {
    struct pn_buffer out, err;
    int status;
};

/* That as the answer of its tool; *is_error says whether it is none. */
json_t *
pn_mcp_answer(const struct pn_mcp_host *host, const struct pn_mcp_job *job,
              const struct pn_mcp_printed *by_verb, bool *is_error);

/*
 * Does the job, in the process that was made for it, and writes to `fd` what comes of
 * it: its size, and the result of the request as a line of JSON, or nothing where that
 * fails. `parent` is the server: without it nothing is done. Does not return.
 */
_Noreturn void
pn_mcp_child(const struct pn_mcp_host *host, struct pn_mcp_job *job, int fd,
             pid_t parent);

/* Items of a list at once, and what a policy that is read may have. */
enum { PN_MCP_PAGE_ITEMS = 200, PN_MCP_READ_MAX = 1 << 20 };

/* The result of a job without a tool, in that process; NULL when it fails, and
 * *fault says why. */
json_t *
pn_mcp_resource(const struct pn_mcp_host *host, const struct pn_mcp_job *job,
                struct pn_mcp_fault *fault);

#endif
