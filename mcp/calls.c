/* fork(2), a pipe, and SIGKILL: a call that does not end by itself ends so. */
#define _GNU_SOURCE /* pipe2 */
#include "mcp/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

enum { PIECE = 1 << 16, GOT_MAX = 16 << 20 };

int64_t
pn_mcp_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
pn_mcp_call_start(struct pn_mcp_call *call, const struct pn_mcp_host *host,
                  struct pn_mcp_call *const *others, size_t count)
{
    pid_t parent = getpid();
    int ends[2], saved_errno;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    call->pid = fork();
    if (call->pid == 0) {
        close(ends[0]);
        for (size_t i = 0; i < count; i++)
            if (others[i]->pid && others[i] != call)
                close(others[i]->fd);
        pn_mcp_child(host, &call->job, ends[1], parent);
    }
    saved_errno = errno;
    close(ends[1]);
    if (call->pid < 0) {
        close(ends[0]);
        call->pid = 0;
        errno = saved_errno;
        return false;
    }
    call->fd = ends[0];
    call->began_ms = call->told_ms = pn_mcp_now();
    return true;
}

bool
pn_mcp_call_read(struct pn_mcp_call *call)
{
    char piece[PIECE];
    ssize_t size = read(call->fd, piece, sizeof(piece));

    if (size < 0)
        return errno == EINTR;
    pn_buffer_add(&call->got, piece, (size_t)size);
    return size > 0 && !call->got.failed && call->got.size < GOT_MAX;
}

void
pn_mcp_reap(struct pn_mcp_ending *ending)
{
    size_t kept = 0;

    for (size_t i = 0; i < ending->count; i++)
        if (waitpid(ending->pids[i], NULL, WNOHANG) == 0)
            ending->pids[kept++] = ending->pids[i];
    ending->count = kept;
}

void
pn_mcp_call_stop(struct pn_mcp_call *call)
{
    struct pn_mcp_ending *ending = call->ending;

    if (!call->pid)
        return;
    (void)kill(call->pid, SIGKILL); /* it may have ended, but was not waited for */
    close(call->fd);
    pn_mcp_reap(ending);
    if (ending->count < PN_MCP_ENDING_MOST)
        ending->pids[ending->count++] = call->pid;
    else
        (void)waitpid(call->pid, NULL, 0);
    pn_mcp_reap(ending);
    call->pid = 0;
}

/* Why there is no result. */
static struct pn_mcp_fault
fault_of(const struct pn_mcp_call *call, enum pn_mcp_end end,
         const struct pn_mcp_head *head)
{
    if (end == PN_MCP_END_TIME)
        return (struct pn_mcp_fault){
            .reason = "time",
            .message = "the call took more than 10 seconds: ask for less"
        };
    if (call->got.failed || head->lacks_memory)
        return (struct pn_mcp_fault){ .reason = "memory", .message = PN_MCP_NO_MEMORY };
    return (struct pn_mcp_fault){ .reason = "ended",
                                  .message = "the call ended without an answer, as one "
                                             "does that takes more than it may" };
}

bool
pn_mcp_call_result(const struct pn_mcp_call *call, enum pn_mcp_end end,
                   struct pn_buffer *out)
{
    struct pn_mcp_head head = { 0 };
    struct pn_mcp_fault fault;
    json_t *result;
    char *text;

    if (call->got.size >= sizeof(head))
        memcpy(&head, call->got.bytes, sizeof(head));
    if (head.size && call->got.size - sizeof(head) == head.size) {
        pn_buffer_add(out, call->got.bytes + sizeof(head), head.size);
        return head.is_fault;
    }
    fault = fault_of(call, end, &head);
    result = call->job.tool ? pn_mcp_result(pn_mcp_error(&fault), true)
                            : pn_mcp_rpc_error(&fault);
    text = result ? json_dumps(result, JSON_COMPACT) : NULL;
    json_decref(result);
    out->failed |= !text;
    pn_buffer_add_text(out, text ? text : "");
    free(text);
    return !call->job.tool;
}

void
pn_mcp_call_free(struct pn_mcp_call *call)
{
    if (!call)
        return;
    pn_mcp_call_stop(call);
    pn_mcp_job_clear(&call->job);
    json_decref(call->id);
    json_decref(call->token);
    pn_buffer_free(&call->got);
    pn_free(call);
}
