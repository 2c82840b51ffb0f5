/* The way of a connection: accepted, decided, and given a program or refused. */
#include "server/serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "server/client_header.h"
#include "server/client_lookups.h"
#include "server/clock.h"
#include "server/count_decisions.h"
#include "server/drop.h"
#include "server/gate.h"
#include "server/judge.h"
#include "server/program.h"

enum { SHORTAGE_MS = 1000 };

static void
program_start(struct srv_server *server, struct srv_client *client,
              const struct postern_decision *decision)
{
    const struct srv_config *config = server->config;
    const int on = 1;
    int error;

    /* either fails when the client has disconnected, which its program will notice */
    if (!config->keep_ip_options && client->remote.addr.family == 4)
        (void)setsockopt(client->fd, IPPROTO_IP, IP_OPTIONS, NULL, 0);
    if (config->no_delay)
        (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (srv_program_start(server, client, decision) >= 0) {
        close(client->fd);
        return;
    }
    error = errno;
    if (error == EAGAIN || error == ENOMEM) /* the process limit is reached: pause */
        srv_gate_back_off(server);
    srv_drop(server, client, "fork", NULL, pn_errno_text(error));
}

enum outcome {
    OUTCOME_DONE, /* served, refused, or being looked up: the caller frees `pending` */
    OUTCOME_EXCEEDED /* over a limit, and may be deferred */
};

/* Decides a client by the rules with what is known of it, and acts on the decision. */
static enum outcome
decide_by_rules(struct srv_server *server, enum srv_rules_state state,
                struct srv_pending *pending, bool last)
{
    struct postern_decision decision = srv_undecided();
    struct srv_client *client = &pending->client;
    enum srv_admission admission;
    int64_t begun_ns;

    if (state == SRV_RULES_BROKEN) {
        srv_drop(server, client, "read", server->rules.path,
                 srv_rules_reason(&server->rules));
        return OUTCOME_DONE;
    }
    begun_ns = srv_count_begin(server);
    admission = srv_admit(&server->counters, server->rules.in_force, client,
                          pending->unknown, &decision, &pending->exceeded);
    srv_count_time(server, client, admission, begun_ns);
    switch (admission) {
    case SRV_ADMIT_UNSURE:
        if (srv_client_lookups_begin(server, pending, &pending->exceeded) !=
            SRV_LOOKUPS_FULL)
            return OUTCOME_DONE;
        if (!last)
            return OUTCOME_EXCEEDED;
        admission = SRV_ADMIT_LIMIT;
        break;
    case SRV_ADMIT_ALLOW:
        srv_judge_decided(server, client, pending->unknown, admission, &decision);
        program_start(server, client, &decision);
        return OUTCOME_DONE;
    case SRV_ADMIT_DAMAGE:
        srv_drop(server, client, "read", server->rules.path, pn_errno_text(EPROTO));
        return OUTCOME_DONE;
    case SRV_ADMIT_LIMIT:
    case SRV_ADMIT_PATCH:
        if (!last)
            return OUTCOME_EXCEEDED;
        srv_judge_decided(server, client, pending->unknown, admission, &decision);
        break;
    case SRV_ADMIT_PENALTY:
        if (srv_is_undecided(&decision)) /* before its look-ups */
            break;
        srv_judge_decided(server, client, pending->unknown, admission, &decision);
        break;
    case SRV_ADMIT_DENY:
    case SRV_ADMIT_RATE:
    case SRV_ADMIT_LOAD:
        srv_judge_decided(server, client, pending->unknown, admission, &decision);
        break;
    }
    srv_refuse(server, client, admission, &decision, &pending->exceeded);
    return OUTCOME_DONE;
}

/* Sends the banner of -B. False when the kernel does not take it: errno. */
static bool
banner_send(const struct srv_config *config, int fd)
{
    size_t size;

    if (!config->banner)
        return true;
    size = strlen(config->banner);
    errno = EAGAIN; /* the error when the kernel takes only a part */
    return send(fd, config->banner, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

/*
 * What comes before limits and rules: the header of a balancer, which says who the
 * client is, and the banner. False when the client is not to be decided now: *outcome.
 */
static bool
introduce(struct srv_server *server, struct srv_pending *pending, bool last,
          enum outcome *outcome)
{
    enum srv_header_outcome header = SRV_HEADER_READ;

    *outcome = OUTCOME_DONE;
    if (pending->wants_header)
        header = srv_client_header_begin(server, pending, &pending->exceeded);
    if (header == SRV_HEADER_TAKEN)
        return false;
    if (header == SRV_HEADER_FULL) {
        if (last)
            srv_client_header_refuse(server, &pending->client);
        else
            *outcome = OUTCOME_EXCEEDED;
        return false;
    }
    if (!pending->greeted && !banner_send(server->config, pending->client.fd)) {
        srv_drop(server, &pending->client, "print banner", NULL, pn_errno_text(errno));
        return false;
    }
    pending->greeted = true;
    return true;
}

/* Decides a client that is introduced, by -C, then by the rules. `last`: it is not
 * deferred any more. */
static enum outcome
decide(struct srv_server *server, enum srv_rules_state state,
       struct srv_pending *pending, bool last)
{
    const struct postern_decision none = srv_undecided();
    enum outcome outcome;

    if (!introduce(server, pending, last, &outcome))
        return outcome;
    if (!pending->counted) {
        pending->counted =
            srv_admit_source(&server->counters, &server->config->per_source,
                             &pending->client, &pending->exceeded);
        if (!pending->counted && !last)
            return OUTCOME_EXCEEDED;
        if (!pending->counted) {
            srv_refuse(server, &pending->client, SRV_ADMIT_LIMIT, &none,
                       &pending->exceeded);
            return OUTCOME_DONE;
        }
    }
    return decide_by_rules(server, state, pending, last);
}

/* Decides a client for the last time, after reaping the programs that have ended. */
static void
decide_last(struct srv_server *server, enum srv_rules_state state,
            struct srv_pending *pending)
{
    srv_program_reap(server);
    (void)decide(server, state, pending, true); /* it is done with */
    srv_pending_free(pending);
}

/*
 * Defers a client that is over a limit, so that a program that has just ended can give
 * its place back. A client that cannot be deferred is decided for the last time.
 */
static void
defer(struct srv_server *server, enum srv_rules_state state,
      struct srv_pending *pending)
{
    struct srv_pending_queue *queue = &server->deferred;

    pending->until_ms = srv_now_ms() + SRV_DEFER_MS;
    if (!srv_pending_has_room(queue, &pending->exceeded) ||
        (!queue->count &&
         !srv_loop_set(server->loop, &server->deferred_timer, pending->until_ms))) {
        decide_last(server, state, pending);
        return;
    }
    if (queue->count == server->deferred_most)
        decide_last(server, state, srv_pending_take(queue));
    srv_pending_add(queue, pending);
}

/* Call after reaping, with rules that are current. */
static void
serve_deferred(struct srv_server *server, enum srv_rules_state state)
{
    struct srv_pending_queue *queue = &server->deferred;
    int64_t now_ms = srv_now_ms();

    for (size_t left = queue->count; left; left--) {
        struct srv_pending *pending = srv_pending_take(queue);
        bool last = now_ms >= pending->until_ms;

        if (server->ready.count || !srv_gate_has_place(server)) {
            srv_pending_add(&server->ready, pending);
            continue;
        }
        if (decide(server, state, pending, last) == OUTCOME_EXCEEDED)
            srv_pending_add(queue, pending);
        else
            srv_pending_free(pending);
    }
    if (queue->count) /* the timer is set already: moving it needs no memory */
        (void)srv_loop_set(server->loop, &server->deferred_timer,
                           queue->first->until_ms);
}

void
srv_serve_deferred(struct srv_server *server)
{
    enum srv_rules_state state;

    if (!server->deferred.count)
        return;
    srv_program_reap(server); /* before anybody is refused */
    state = srv_judge_rules(server, 0);
    if (state !=
        SRV_RULES_WAIT) /* while the rules are loaded, srv_serve_rules() will do it */
        serve_deferred(server, state);
}

static void
serve_ready(struct srv_server *server, enum srv_rules_state state)
{
    while (server->ready.count && srv_gate_has_place(server)) {
        struct srv_pending *pending = srv_pending_take(&server->ready);
        bool last = pending->until_ms && srv_now_ms() >= pending->until_ms;

        if (last)
            decide_last(server, state, pending);
        else if (decide(server, state, pending, false) == OUTCOME_EXCEEDED)
            defer(server, state, pending);
        else
            srv_pending_free(pending);
    }
    srv_gate_update(server);
}

void
srv_serve_ready(struct srv_server *server)
{
    enum srv_rules_state state = SRV_RULES_WAIT;

    if (server->ready.count && srv_gate_has_place(server))
        state = srv_judge_rules(server, 0);
    if (state != SRV_RULES_WAIT)
        serve_ready(server, state);
    srv_gate_update(server);
}

/* What look-ups may still find out about a client: of enum postern_need and more. */
static uint32_t
unknown_of(const struct srv_config *config)
{
    return (config->lookup_host ? (uint32_t)POSTERN_NEEDS_HOST : 0) |
           (config->lookup_ident ? (uint32_t)POSTERN_NEEDS_IDENT : 0) |
           (config->local_host ? 0 : (uint32_t)SRV_UNKNOWN_LOCAL_HOST);
}

static void
arrival_decide(struct srv_server *server, enum srv_rules_state state,
               const struct srv_arrival *arrival)
{
    const struct srv_config *config = server->config;
    struct srv_pending pending = { .server = server, .unknown = unknown_of(config) };
    struct srv_client *client = &pending.client;
    struct srv_pending *kept;

    srv_client_init(client, arrival->fd, &arrival->remote, config->force_ipv6);
    client->local_host = config->local_host;
    if (!srv_client_find_local(client, config->force_ipv6)) {
        srv_drop(server, client, "get local address", NULL, pn_errno_text(errno));
        return;
    }
    if (srv_client_header_is_wanted(server, &arrival->remote.addr)) {
        pending.wants_header = true;
        pending.unknown &=
            ~(uint32_t)POSTERN_NEEDS_IDENT; /* it is the balancer's host */
    }
    if (decide(server, state, &pending, false) != OUTCOME_DONE) {
        kept = srv_pending_new(&pending);
        if (kept)
            defer(server, state, kept);
        else
            (void)decide(server, state, &pending, true); /* it is done with */
    }
    srv_headed_release(pending.headed);
}

static void
serve_arrivals(struct srv_server *server, enum srv_rules_state state)
{
    size_t deferred = server->deferred.count;

    for (size_t i = 0; i < server->arrival_count; i++)
        arrival_decide(server, state, &server->arrivals[i]);
    server->arrival_count = 0;
    if (server->deferred.count > deferred) { /* a program of theirs may have ended */
        srv_program_reap(server);
        serve_deferred(server, state);
    }
}

void
srv_serve_arrivals(struct srv_server *server)
{
    enum srv_rules_state state = server->arrival_count
                                     ? srv_judge_rules(server, server->arrivals_seen)
                                     : SRV_RULES_WAIT;

    if (state != SRV_RULES_WAIT)
        serve_arrivals(server, state);
    srv_gate_update(server);
}

void
srv_serve_rules(struct srv_server *server)
{
    enum srv_rules_state state =
        srv_judge_rules(server, server->arrival_count ? server->arrivals_seen : 0);

    if (state == SRV_RULES_WAIT)
        return;
    /*
     * all of these clients came before this check of the file, so one check is valid
     * for all
     */
    serve_arrivals(server, state);
    srv_program_reap(server);
    serve_deferred(server, state);
    serve_ready(server, state);
    srv_gate_update(server);
}

/* Accepting failed: pauses, and after a second of failures rejects one client. */
static void
accept_failed(struct srv_server *server, int listener)
{
    const char *reason = pn_errno_text(errno);
    int64_t now_ms = srv_now_ms();

    if (!server->short_since_ms)
        server->short_since_ms = now_ms;
    srv_server_warn_repeated(server, &server->no_accept, "unable to accept", reason);
    if (now_ms - server->short_since_ms >= SHORTAGE_MS)
        srv_reserve_reject_one(listener, &server->reserve);
    srv_gate_back_off(server);
}

void
srv_serve_listener(struct srv_watch *watch)
{
    struct srv_server *server = watch->owner;
    size_t most = srv_gate_room(server);

    if (!server->arrival_count)
        server->arrivals_seen = server->rules.loads;
    while (server->arrival_count < most) {
        struct srv_arrival *next = &server->arrivals[server->arrival_count];
        enum srv_accept_outcome outcome =
            srv_accept(watch->fd, &server->reserve, &next->fd, &next->remote);

        if (outcome == SRV_ACCEPT_ONE) {
            server->arrival_count++;
            server->tally.accepted++;
            server->short_since_ms = server->pause_ms = 0;
        } else if (outcome != SRV_ACCEPT_AGAIN) {
            if (outcome != SRV_ACCEPT_EMPTY)
                accept_failed(server, watch->fd);
            break;
        }
    }
    srv_serve_arrivals(server);
}
