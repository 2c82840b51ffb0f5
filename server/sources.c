/* Sources of datagrams, each with its program, from the first datagram to the last. */
#include "server/sources.h"

#include <errno.h>
#include <signal.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/datagram_judge.h"
#include "server/gate.h"
#include "server/judge.h"
#include "server/program.h"
#include "server/source_program.h"

/* Whoever is refused by -c: there may be as many deferred as there are places. */
static bool
is_full(const struct srv_server *server, bool again, struct srv_exceeded *full)
{
    size_t limit = server->config->limit, half = limit > 1 ? limit / 2 : 1;
    bool every = server->children.count >= limit;

    if (!every && (again || server->datagrams->once < half))
        return false;
    *full = (struct srv_exceeded){ .n = (uint32_t)limit,
                                   .struck = SRV_STRUCK_PLACES,
                                   .tier = every ? 0 : 1,
                                   .several = true };
    return true;
}

static enum srv_datagram_verdict
judge(struct srv_server *server, enum srv_rules_state state,
      struct srv_pending *pending, bool again, bool last,
      struct postern_decision *decision)
{
    struct srv_exceeded full;
    bool none = is_full(server, again, &full);

    if (none && last) { /* a program of theirs may have ended */
        srv_program_reap(server);
        none = is_full(server, again, &full);
    }
    return srv_datagram_judge(server, state, pending, none ? &full : NULL, last,
                              decision);
}

static void
ask(struct srv_source *source)
{
    struct srv_server *server = source->server;

    source->state = SRV_SOURCE_ASKING;
    if (!srv_datagram_ask(server, &source->pending))
        srv_source_end(source);
    else /* without memory names have the time that they have */
        (void)srv_loop_set(server->loop, &source->timer,
                           srv_now_ms() + (int64_t)server->config->timeout_s * 1000);
}

/* Has it decided again, soon. False when there is no room for that. */
static bool
defer(struct srv_source *source)
{
    struct srv_server *server = source->server;
    struct srv_pending *pending = &source->pending;
    struct srv_pending_queue *queue = &server->deferred;

    pending->until_ms = srv_now_ms() + SRV_DEFER_MS;
    if (queue->count >= server->deferred_most ||
        (!queue->count &&
         !srv_loop_set(server->loop, &server->deferred_timer, pending->until_ms)))
        return false;
    source->state = SRV_SOURCE_DEFERRED;
    srv_pending_add(queue, pending);
    return true;
}

/* Acts on what a source without a program was judged to be; `last` as that. */
static void
act(struct srv_source *source, enum srv_datagram_verdict verdict,
    const struct postern_decision *decision)
{
    switch (verdict) {
    case SRV_DATAGRAM_SERVE:
        srv_source_start(source, decision);
        break;
    case SRV_DATAGRAM_ASK:
        ask(source);
        break;
    case SRV_DATAGRAM_EXCEEDED: /* there was room for it */
    case SRV_DATAGRAM_DONE:
        srv_source_end(source);
        break;
    }
}

static void
decide_last(struct srv_source *source, enum srv_rules_state state)
{
    struct postern_decision decision;

    srv_program_reap(source->server);
    act(source,
        judge(source->server, state, &source->pending, source->again, true, &decision),
        &decision);
}

/* The same, where a source may be over a limit and wait for its turn. */
static void
settle(struct srv_source *source, enum srv_rules_state state,
       enum srv_datagram_verdict verdict, const struct postern_decision *decision)
{
    if (verdict != SRV_DATAGRAM_EXCEEDED)
        act(source, verdict, decision);
    else if (!srv_pending_has_room(&source->server->deferred,
                                   &source->pending.exceeded) ||
             !defer(source))
        decide_last(source, state);
}

/* Decides a source that has waited. */
static void
decide(struct srv_source *source, enum srv_rules_state state)
{
    struct postern_decision decision;
    enum srv_datagram_verdict verdict =
        judge(source->server, state, &source->pending, source->again, false, &decision);

    settle(source, state, verdict, &decision);
}

/* The first datagram of a source: there is memory for it only if it is not refused. */
static void
arrive_first(struct srv_server *server, enum srv_rules_state state, size_t listener)
{
    const struct srv_datagram *arrival = &server->datagrams->arrival;
    struct srv_pending pending = srv_datagram_client(server, &arrival->ends);
    struct postern_decision decision;
    enum srv_datagram_verdict verdict =
        judge(server, state, &pending, false, false, &decision);
    struct srv_source *source;

    if (verdict == SRV_DATAGRAM_DONE)
        return;
    source = srv_source_new(server, listener, &arrival->ends, &pending);
    if (!source ||
        !srv_relay_add(&source->relay, server->datagrams->arrived, arrival->size)) {
        srv_datagram_drop(server, "dropping datagrams", pn_errno_text(ENOMEM));
        if (source)
            srv_source_end(source);
        else
            srv_admit_release(&server->counters, &pending.client.held);
        return;
    }
    srv_source_prepare(source);
    settle(source, state, verdict, &decision);
}

/* False when it is to be judged as the first one of a source. */
static bool
arrive_again(struct srv_source *source, enum srv_rules_state state)
{
    struct srv_server *server = source->server;
    const struct srv_datagram *arrival = &server->datagrams->arrival;

    switch (srv_datagram_judge_more(server, state, &source->pending.client,
                                    source->pending.unknown)) {
    case SRV_DATAGRAM_ASK:
        if (source->state != SRV_SOURCE_RUNNING)
            break; /* it is asked about already, or soon */
        srv_source_retire(source);
        return false;
    case SRV_DATAGRAM_DONE:
    case SRV_DATAGRAM_EXCEEDED:
        return true;
    case SRV_DATAGRAM_SERVE:
        break;
    }
    source->heard_ms = srv_now_ms();
    source->again = true;
    server->datagrams->once -= source->counted_once;
    source->counted_once = false;
    srv_source_take(source, server->datagrams->arrived, arrival->size);
    return true;
}

/* An answer to such a datagram would come back to us, and so on. */
static bool
is_ours(const struct srv_datagram *arrival)
{
    return arrival->ends.remote.port == arrival->ends.local.port &&
           srv_addr_equal(&arrival->ends.remote.addr, &arrival->ends.local.addr);
}

static void
arrive(struct srv_server *server, enum srv_rules_state state, size_t listener)
{
    const struct srv_datagram *arrival = &server->datagrams->arrival;
    struct srv_source *source;

    server->tally.accepted++;
    if (is_ours(arrival)) {
        srv_datagram_drop(server, "dropping datagrams", "their source is this server");
        return;
    }
    source = srv_source_find(server->datagrams, listener, &arrival->ends);
    if (!source || !arrive_again(source, state))
        arrive_first(server, state, listener);
}

void
srv_sources_readable(struct srv_watch *watch)
{
    struct srv_server *server = watch->owner;
    struct srv_datagrams *datagrams = server->datagrams;
    size_t listener = (size_t)(watch - server->listener_watches);

    for (int i = 0; i < SRV_DATAGRAM_BATCH && !server->paused && !datagrams->waiting;
         i++) {
        uint64_t seen = server->rules.loads;
        enum srv_rules_state state;
        enum srv_received received = srv_datagram_receive(
            watch->fd, 0, datagrams->arrived, SRV_DATAGRAM_MOST,
            &datagrams->listeners[listener].bound, &datagrams->arrival);

        if (received == SRV_RECEIVED_NOTHING)
            break;
        if (received == SRV_RECEIVED_FAULT) {
            srv_datagram_drop(server, "unable to receive", pn_errno_text(errno));
            srv_gate_back_off(server);
            break;
        }
        state = srv_judge_rules(server, seen);
        if (state != SRV_RULES_WAIT) {
            arrive(server, state, listener);
            continue;
        }
        datagrams->waiting = true;
        datagrams->waiting_listener = listener;
        datagrams->seen = seen;
    }
    srv_sources_update(server);
}

uint64_t
srv_sources_seen(const struct srv_server *server)
{
    return server->datagrams->waiting ? server->datagrams->seen : 0;
}

void
srv_sources_rules(struct srv_server *server, enum srv_rules_state state)
{
    struct srv_datagrams *datagrams = server->datagrams;

    if (datagrams->waiting) {
        datagrams->waiting = false;
        arrive(server, state, datagrams->waiting_listener);
    }
    srv_sources_deferred(server, state);
}

void
srv_sources_ready(struct srv_server *server, enum srv_rules_state state)
{
    while (server->ready.count) {
        struct srv_pending *pending = srv_pending_take(&server->ready);
        struct srv_source *source = pending->owner;

        srv_loop_unset(server->loop, &source->timer);
        source->looked = pending;
        source->pending.client = pending->client;
        source->pending.unknown = 0;
        source->pending.counted = pending->counted;
        decide(source, state);
    }
}

void
srv_sources_deferred(struct srv_server *server, enum srv_rules_state state)
{
    struct srv_pending_queue *queue = &server->deferred;
    int64_t now_ms = srv_now_ms();

    for (size_t left = queue->count; left; left--) {
        struct srv_pending *pending = srv_pending_take(queue);
        struct srv_source *source = pending->owner;
        struct postern_decision decision;
        enum srv_datagram_verdict verdict;
        bool last = now_ms >= pending->until_ms;

        verdict = judge(server, state, pending, source->again, last, &decision);
        if (verdict == SRV_DATAGRAM_EXCEEDED)
            srv_pending_add(queue, pending);
        else
            act(source, verdict, &decision);
    }
    if (queue->count) /* the timer is set already: moving it needs no memory */
        (void)srv_loop_set(server->loop, &server->deferred_timer,
                           queue->first->until_ms);
}

bool
srv_sources_begin(struct srv_server *server)
{
    struct srv_datagrams *datagrams = srv_datagrams_new();

    server->datagrams = datagrams;
    for (size_t i = 0; datagrams && i < server->listeners.count; i++)
        if (!srv_datagram_bound(server->listeners.fds[i],
                                &datagrams->listeners[i].bound,
                                &datagrams->listeners[i].family))
            return false;
    return datagrams != NULL;
}

void
srv_sources_update(struct srv_server *server)
{
    bool wanted = !server->paused && !server->datagrams->waiting;

    for (size_t i = 0; i < server->listeners.count; i++)
        (void)srv_gate_watch(server, &server->listener_watches[i], wanted);
}

/* What its program has not read is for another one, if it has read anything. */
static bool
begin_anew(struct srv_source *source)
{
    struct srv_server *server = source->server;
    bool reads = srv_relay_recover(&source->relay, server->datagrams->answer);

    if (source->state != SRV_SOURCE_RUNNING || !source->relay.first)
        return false;
    if (reads) {
        srv_relay_close(&source->relay);
        source->pending.counted = false;
        if (defer(source))
            return true;
    }
    srv_datagram_drop(server, "dropping datagrams",
                      "the program has ended and not read them");
    return false;
}

void
srv_sources_ended(struct srv_server *server, void *owner)
{
    struct srv_source *source = owner;
    const struct srv_relay_way way = srv_source_way(source);
    enum srv_relayed answered = SRV_RELAYED_SOME;

    srv_loop_forget(server->loop, &source->watch);
    srv_loop_unset(server->loop, &source->timer);
    srv_loop_unset(server->loop, &source->retry);
    server->datagrams->once -= source->counted_once;
    source->counted_once = false;
    while (answered == SRV_RELAYED_SOME)
        answered = srv_relay_answer(&source->relay, &way);
    if (answered == SRV_RELAYED_ALL && begin_anew(source))
        return;
    srv_source_forget(source);
    source->state = SRV_SOURCE_CLOSING;
    source->ended_ms = srv_now_ms();
    srv_source_close(source);
}

void
srv_sources_end(struct srv_server *server)
{
    for (struct srv_child *child = srv_children_next(&server->children, NULL); child;
         child = srv_children_next(&server->children, child))
        (void)kill(child->pid, SIGTERM); /* nobody would answer it any more */
}
