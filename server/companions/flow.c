/* Flows by poll(2). A write never asks for more than the descriptor takes at once. */
#include "server/companions/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/reopen.h"

/* What a pipe that polls as writable takes without waiting (POSIX: PIPE_BUF). */
enum { PIPE_PIECE = 4096, FLOWS_MOST = 4 };

void
srv_flow_init(struct srv_flow *flow, int from, int to, srv_filter_fn filter)
{
    flow->from = from;
    flow->to = to;
    flow->filter = filter;
    flow->on_piece = NULL;
    flow->payload = NULL;
    flow->state = (struct srv_filter){ .held = false };
    flow->closes = flow->socket = flow->patient = false;
    flow->begin = flow->end = 0;
}

static void
output_close(struct srv_flow *flow)
{
    if (flow->to >= 0 && flow->closes)
        close(flow->to);
    flow->to = -1;
}

static void
output_written(struct srv_flow *flow, size_t size)
{
    flow->begin += size;
    if (flow->begin < flow->end)
        return;
    flow->begin = flow->end = 0;
    if (flow->from < 0)
        output_close(flow);
}

static bool
read_piece(struct srv_flow *flow)
{
    char in[SRV_FLOW_PIECE];
    ssize_t got = read(flow->from, in, sizeof(in));

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (got < 0 && errno != ECONNRESET && errno != EIO)
        return false;
    if (got <= 0) {
        flow->from = -1;
        flow->end = srv_filter_end(&flow->state, flow->out);
        got = 0;
    }
    if (flow->on_piece)
        flow->on_piece(flow->payload, in, (size_t)got);
    if (got)
        flow->end = flow->filter(&flow->state, in, (size_t)got, flow->out);
    if (flow->to < 0 || !flow->end)
        output_written(flow, flow->end);
    return true;
}

static ssize_t
write_some(const struct srv_flow *flow, const char *bytes, size_t size)
{
    if (flow->socket)
        return send(flow->to, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return write(flow->to, bytes,
                 flow->patient && size > PIPE_PIECE ? PIPE_PIECE : size);
}

static void
write_piece(struct srv_flow *flow)
{
    size_t left = flow->end - flow->begin;
    ssize_t wrote = write_some(flow, flow->out + flow->begin, left);

    if (wrote < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (wrote < 0) {
        output_close(flow);
        wrote = (ssize_t)left;
    }
    output_written(flow, (size_t)wrote);
}

/* Finds out how to write to `to` without blocking. */
static void
flow_begin(struct srv_flow *flow)
{
    int flags = fcntl(flow->to, F_GETFL), fd;
    struct stat st;

    if (flags < 0 || fstat(flow->to, &st) < 0)
        return; /* the first write tells */
    flow->socket = S_ISSOCK(st.st_mode);
    flow->patient = !(flags & O_NONBLOCK) && !S_ISREG(st.st_mode);
    if (!flow->patient || flow->socket)
        return;
    fd = srv_reopen_pipe(flow->to);
    if (fd < 0)
        return;
    if (flow->closes)
        close(flow->to);
    flow->to = fd;
    flow->patient = false;
}

bool
srv_flow_run(struct srv_flow *flows, size_t count, size_t last)
{
    struct pollfd asks[FLOWS_MOST];

    for (size_t i = 0; i < count; i++)
        flow_begin(&flows[i]);
    while (flows[last].from >= 0 || flows[last].end) {
        for (size_t i = 0; i < count; i++) {
            bool writes = flows[i].end != 0;

            asks[i].fd = writes ? flows[i].to : flows[i].from; /* -1: not asked */
            asks[i].events = writes ? POLLOUT : POLLIN;
            asks[i].revents = 0;
        }
        if (poll(asks, (nfds_t)count, -1) < 0) {
            if (errno == EINTR)
                continue;
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (!asks[i].revents)
                continue;
            if (asks[i].events == POLLOUT)
                write_piece(&flows[i]);
            else if (!read_piece(&flows[i]))
                return false;
        }
    }
    return true;
}
