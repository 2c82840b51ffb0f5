/* One socket, one program. */
#include "server/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/datagram_judge.h"
#include "server/gate.h"
#include "server/judge.h"
#include "server/program.h"

enum slot_state {
    SLOT_FREE,    /* the socket is ours */
    SLOT_WAITING, /* for rules that are being read */
    SLOT_ASKING,  /* for the look-ups of the source of its first datagram */
    SLOT_RUNNING  /* a program has it */
};

/* A listener. */
struct slot {
    struct srv_server *server;
    struct srv_watch *watch;
    struct srv_endpoint bound;
    enum slot_state state;
    uint64_t seen;              /* value of rules.loads when the waiting one came */
    struct srv_datagram first;  /* that the state is about, or the last program had */
    bool had_program;           /* `first` was there when a program was started */
    struct srv_pending *looked; /* the source of `first`, once it was looked up */
    struct srv_timer timer;     /* ends look-ups */
};

/* The slots of the listeners, in their order; made once. */
static struct slot slots[SRV_LISTEN_MOST];

static void
on_timer(struct srv_timer *timer)
{
    struct slot *slot = timer->owner;

    srv_datagram_ask_no_more(slot->server, slot);
}

bool
srv_wait_begin(struct srv_server *server)
{
    for (size_t i = 0; i < server->listeners.count; i++) {
        struct slot *slot = &slots[i];
        int family;

        *slot = (struct slot){ .server = server,
                               .watch = &server->listener_watches[i],
                               .timer = { .fire = on_timer, .owner = slot } };
        if (!srv_datagram_bound(server->listeners.fds[i], &slot->bound, &family))
            return false;
    }
    return true;
}

void
srv_wait_update(struct srv_server *server)
{
    bool open = !server->paused && server->children.count < server->config->limit;

    for (size_t i = 0; i < server->listeners.count; i++) {
        const struct slot *slot = &slots[i];

        (void)srv_gate_watch(server, slot->watch, open && slot->state == SLOT_FREE);
    }
}

/* Takes the first datagram from the socket. */
static void
eat(const struct slot *slot)
{
    (void)recv(slot->watch->fd, NULL, 0, MSG_DONTWAIT); /* it was there */
}

static bool
is_same(const struct srv_datagram *a, const struct srv_datagram *b)
{
    return a->stamp_ns && a->stamp_ns == b->stamp_ns && a->size == b->size &&
           a->ends.remote.port == b->ends.remote.port &&
           srv_addr_equal(&a->ends.remote.addr, &b->ends.remote.addr);
}

/* Programs expect a socket that blocks, whatever one before them has made of it. */
static void
socket_restore(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0 && flags & O_NONBLOCK)
        (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK); /* it works for us in any case */
}

/* Gives the socket to a program. False when there can be none now. */
static bool
start(struct slot *slot, struct srv_pending *pending,
      const struct postern_decision *decision)
{
    struct srv_server *server = slot->server;
    struct srv_client *client = &pending->client;
    int error;

    client->fd = slot->watch->fd;
    client->owner = slot;
    socket_restore(client->fd);
    if (srv_program_start(server, client, decision) >= 0) {
        slot->state = SLOT_RUNNING;
        slot->had_program = true;
        return true;
    }
    error = errno;
    srv_admit_release(&server->counters, &client->held);
    srv_datagram_drop(server, "dropping datagrams, unable to fork",
                      pn_errno_text(error));
    eat(slot);
    srv_gate_back_off(server);
    return false;
}

/* What is known of the first datagram's source, from look-ups or from its address. */
static struct srv_pending
source_of(struct slot *slot, const struct srv_datagram *datagram, bool same)
{
    struct srv_pending *looked = slot->looked;

    if (looked && same)
        return *looked; /* its texts are freed after the decision */
    if (looked)
        srv_admit_release(&slot->server->counters, &looked->client.held);
    return srv_datagram_client(slot->server, &datagram->ends);
}

/* Decides the first datagram. False when no other can be decided now. */
static bool
decide(struct slot *slot, enum srv_rules_state state,
       const struct srv_datagram *datagram)
{
    struct srv_server *server = slot->server;
    struct srv_pending pending =
        source_of(slot, datagram, is_same(&slot->first, datagram));
    struct postern_decision decision;
    bool more = false;

    slot->first = *datagram;
    slot->had_program = false;
    switch (srv_datagram_judge(server, state, &pending, NULL, true, &decision)) {
    case SRV_DATAGRAM_SERVE:
        (void)start(slot, &pending, &decision); /* one way or the other it is over */
        break;
    case SRV_DATAGRAM_ASK:
        pending.owner = slot;
        slot->state = SLOT_ASKING;
        if (srv_datagram_ask(server, &pending)) {
            (void)srv_loop_set(server->loop, &slot->timer,
                               srv_now_ms() +
                                   (int64_t)server->config->timeout_s * 1000);
            break;
        }
        slot->state = SLOT_FREE;
        eat(slot);
        more = true;
        break;
    case SRV_DATAGRAM_DONE:
    case SRV_DATAGRAM_EXCEEDED:
        eat(slot);
        more = true;
        break;
    }
    srv_pending_free(slot->looked);
    slot->looked = NULL;
    return more;
}

/*
 * A program that has left its datagram where it was would do so again: the datagram is
 * dropped, and the next one waits a moment.
 */
static bool
is_left(struct slot *slot, const struct srv_datagram *datagram)
{
    bool left = slot->had_program && is_same(&slot->first, datagram);

    slot->had_program = false;
    if (!left)
        return false;
    eat(slot);
    srv_datagram_drop(slot->server, "dropping datagrams",
                      "the program has ended and not read them");
    srv_gate_back_off(slot->server);
    return true;
}

static bool
receive(struct slot *slot, struct srv_datagram *datagram)
{
    struct srv_server *server = slot->server;

    switch (srv_datagram_receive(slot->watch->fd, MSG_PEEK, NULL, 0, &slot->bound,
                                 datagram)) {
    case SRV_RECEIVED:
        return true;
    case SRV_RECEIVED_FAULT:
        srv_datagram_drop(server, "unable to receive", pn_errno_text(errno));
        srv_gate_back_off(server);
        return false;
    case SRV_RECEIVED_NOTHING:
        break;
    }
    return false;
}

/* Decides the datagrams that wait; of the first it is known by which rules. */
static void
run(struct slot *slot, enum srv_rules_state state)
{
    struct srv_server *server = slot->server;
    struct srv_datagram datagram;

    slot->state = SLOT_FREE;
    for (size_t i = 0; i < SRV_DATAGRAM_BATCH && !server->paused; i++) {
        if (!receive(slot, &datagram) || is_left(slot, &datagram))
            break;
        if (state == SRV_RULES_WAIT) {
            slot->seen = server->rules.loads;
            state = srv_judge_rules(server, slot->seen);
        }
        if (state == SRV_RULES_WAIT) {
            slot->state = SLOT_WAITING;
            break;
        }
        if (!slot->looked || !is_same(&slot->first, &datagram))
            server->tally.accepted++;
        if (!decide(slot, state, &datagram))
            break;
        state = SRV_RULES_WAIT; /* the next one may have come after others */
    }
    srv_wait_update(server);
}

void
srv_wait_readable(struct srv_watch *watch)
{
    struct srv_server *server = watch->owner;

    run(&slots[watch - server->listener_watches], SRV_RULES_WAIT);
}

uint64_t
srv_wait_seen(const struct srv_server *server)
{
    uint64_t seen = UINT64_MAX;

    for (size_t i = 0; i < server->listeners.count; i++)
        if (slots[i].state == SLOT_WAITING && slots[i].seen < seen)
            seen = slots[i].seen;
    return seen == UINT64_MAX ? 0 : seen;
}

void
srv_wait_rules(struct srv_server *server, enum srv_rules_state state)
{
    for (size_t i = 0; i < server->listeners.count; i++)
        if (slots[i].state == SLOT_WAITING)
            run(&slots[i], state);
}

void
srv_wait_ready(struct srv_server *server, enum srv_rules_state state)
{
    while (server->ready.count) {
        struct srv_pending *pending = srv_pending_take(&server->ready);
        struct slot *slot = pending->owner;

        srv_loop_unset(server->loop, &slot->timer);
        slot->looked = pending;
        run(slot, state);
    }
}

/*
 * A program that has connected the socket would keep all others from it. A port that
 * the system has chosen is given back with that, and taken again.
 */
static void
socket_disconnect(const struct slot *slot)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    int fd = slot->watch->fd, family;
    struct srv_endpoint now;

    if (getpeername(fd, (struct sockaddr *)&address, &size) < 0)
        return;
    memset(&address, 0, sizeof(address));
    address.ss_family = AF_UNSPEC;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        srv_datagram_bound(fd, &now, &family) && now.port == slot->bound.port)
        return;
    size = srv_endpoint_to(&slot->bound, &address);
    if (bind(fd, (struct sockaddr *)&address, size) < 0)
        srv_datagram_drop(slot->server, "no datagram comes any more, unable to bind",
                          pn_errno_text(errno));
}

void
srv_wait_ended(struct srv_server *server, void *owner)
{
    struct slot *slot = owner;

    socket_disconnect(slot);
    slot->state = SLOT_FREE;
    srv_wait_update(server);
}
