/* The programs of sources, and the moments at which they begin and end. */
#include "server/source_program.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/datagram_judge.h"
#include "server/gate.h"
#include "server/program.h"

/* How long a program may take to end when it is told to. */
enum { END_MS = 5000 };

void
srv_source_end(struct srv_source *source)
{
    struct srv_server *server = source->server;

    srv_source_forget(source);
    srv_admit_release(&server->counters, &source->pending.client.held);
    srv_source_free(source);
}

/* The source has been silent, or is another than it was: its program is told to end. */
void
srv_source_retire(struct srv_source *source)
{
    srv_source_forget(source);
    source->state = SRV_SOURCE_ENDING;
    (void)kill(source->pid, SIGTERM); /* if it cannot be told, it ends by itself */
    (void)srv_loop_set(source->server->loop, &source->timer, srv_now_ms() + END_MS);
}

static void
on_running_timer(struct srv_source *source)
{
    struct srv_server *server = source->server;
    int64_t until_ms = source->heard_ms + (int64_t)server->config->idle_s * 1000;

    if (srv_now_ms() <
        until_ms) /* to set a timer that has just fired takes no memory */
        (void)srv_loop_set(server->loop, &source->timer, until_ms);
    else
        srv_source_retire(source);
}

static void
on_timer(struct srv_timer *timer)
{
    struct srv_source *source = timer->owner;

    switch (source->state) {
    case SRV_SOURCE_ASKING:
        srv_datagram_ask_no_more(source->server, source);
        break;
    case SRV_SOURCE_RUNNING:
        on_running_timer(source);
        break;
    case SRV_SOURCE_ENDING:
        (void)kill(source->pid, SIGKILL); /* likewise */
        break;
    case SRV_SOURCE_DEFERRED:
    case SRV_SOURCE_CLOSING:
        break;
    }
}

/* Moves what can be moved between the pair and the net. */
static void
relay(struct srv_source *source)
{
    struct srv_server *server = source->server;
    const struct srv_relay_way way = srv_source_way(source);
    unsigned interest = SRV_READABLE;
    enum srv_relayed answered = srv_relay_answer(&source->relay, &way);

    if (!srv_relay_deliver(&source->relay))
        interest |= SRV_WRITABLE;
    if (answered == SRV_RELAYED_FULL && srv_source_retry(source))
        interest &= ~(unsigned)SRV_READABLE;
    if (interest != source->interest &&
        srv_loop_watch(server->loop, &source->watch, interest))
        source->interest = interest;
}

static void
on_relay(struct srv_watch *watch)
{
    relay(watch->owner);
}

/* Sends what a program that has ended has left, then frees its source. */
void
srv_source_close(struct srv_source *source)
{
    const struct srv_relay_way way = srv_source_way(source);
    enum srv_relayed answered = SRV_RELAYED_SOME;

    while (answered == SRV_RELAYED_SOME)
        answered = srv_relay_answer(&source->relay, &way);
    if (answered != SRV_RELAYED_FULL || !srv_source_retry(source))
        srv_source_free(source);
}

static void
on_retry(struct srv_timer *timer)
{
    struct srv_source *source = timer->owner;

    if (source->state == SRV_SOURCE_CLOSING)
        srv_source_close(source);
    else
        relay(source);
}

/* A datagram for the program of a source, or for the one that it will have. */
void
srv_source_take(struct srv_source *source, const void *bytes, size_t size)
{
    if (!srv_relay_add(&source->relay, bytes, size))
        srv_datagram_drop(source->server, "dropping datagrams",
                          "their program does not read");
    else if (source->state == SRV_SOURCE_RUNNING)
        relay(source);
}

static void
start_failed(struct srv_source *source, const char *what, int error)
{
    struct srv_server *server = source->server;

    srv_datagram_drop(server, what, pn_errno_text(error));
    srv_source_end(source);
    srv_gate_back_off(server);
}

/* Its first datagrams are in the pair before its program is there. */
void
srv_source_start(struct srv_source *source, const struct postern_decision *decision)
{
    struct srv_server *server = source->server;
    struct srv_client *client = &source->pending.client;

    if (!srv_relay_open(&source->relay)) {
        start_failed(source, "dropping datagrams, unable to make a pair of sockets",
                     errno);
        return;
    }
    (void)srv_relay_deliver(
        &source->relay); /* the rest follows when it has been read */
    client->fd = source->relay.programs;
    client->owner = source;
    source->pid = srv_program_start(server, client, decision);
    client->fd = -1;
    if (source->pid < 0) {
        start_failed(source, "dropping datagrams, unable to fork", errno);
        return;
    }
    memset(&client->held, 0, sizeof(client->held)); /* its program's */
    source->state = SRV_SOURCE_RUNNING;
    source->heard_ms = srv_now_ms();
    source->counted_once = !source->again;
    server->datagrams->once += source->counted_once;
    source->watch = (struct srv_watch){ .ready = on_relay,
                                        .fd = source->relay.ours,
                                        .owner = source };
    source->interest = 0;
    if (!srv_loop_set(server->loop, &source->timer,
                      source->heard_ms + (int64_t)server->config->idle_s * 1000)) {
        srv_source_retire(source); /* without memory for an end it is ended now */
        return;
    }
    relay(source);
    if (!source->interest)
        srv_source_retire(source); /* without a watch nobody would hear its program */
}

void
srv_source_prepare(struct srv_source *source)
{
    source->timer = (struct srv_timer){ .fire = on_timer, .owner = source };
    source->retry = (struct srv_timer){ .fire = on_retry, .owner = source };
}
