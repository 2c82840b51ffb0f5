/* Clients whose host and ident are looked up, and those that hang up meanwhile. */
#define _GNU_SOURCE /* POLLRDHUP */
#include "server/client_lookups.h"

#include <errno.h>
#include <poll.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/count_decisions.h"
#include "server/drop.h"
#include "server/gate.h"

/* Ends what the look-ups of a client hold: its place, its shares, its watch. */
static void
place_release(struct srv_server *server, struct srv_pending *pending)
{
    srv_lookup_places_remove(&server->lookup_places, &server->counters, pending);
    srv_loop_forget(server->loop, &pending->hangup);
}

/* Its turn comes with the next turn of the loop: the client served now goes on first.
 */
static void
on_lookup_done(struct srv_lookup *lookup)
{
    struct srv_pending *pending = lookup->owner;
    struct srv_server *server = pending->server;

    place_release(server, pending);
    srv_count_lookup(server, &pending->client, pending->begun_ns);
    if (lookup->unanswered)
        srv_server_warn_repeated(server, &server->no_names, "look-ups of names",
                                 "no answer");
    pending->client.host = lookup->client.host;
    pending->client.local_host = lookup->client.local_host;
    pending->client.ident = lookup->client.ident;
    pending->unknown = 0;
    srv_pending_add(&server->ready, pending);
}

static void
disconnected(struct srv_server *server, struct srv_pending *pending)
{
    place_release(server, pending);
    srv_drop_disconnected(server, &pending->client);
    srv_pending_free(pending);
}

/*
 * The client has closed its side, and may still read what a program writes: its
 * look-ups go on, without the places that it held. From here on only an error on its
 * connection shows that nobody reads.
 */
static void
half_closed(struct srv_server *server, struct srv_pending *pending)
{
    struct srv_lookup_places *places = &server->lookup_places;

    place_release(server, pending);
    srv_admit_release(&server->counters, &pending->client.held);
    pending->counted = false;
    pending->half_closed = true;
    srv_lookup_places_add(places, pending);
    if (!srv_half_closed_share_take(places, &server->counters, pending) ||
        !srv_loop_watch(server->loop, &pending->hangup, 0))
        disconnected(server, pending);
    else if (places->half_closed.count > places->half_closed_most)
        disconnected(server, places->half_closed.first);
}

static void
on_hangup(struct srv_watch *watch)
{
    struct srv_pending *pending = watch->owner;
    struct srv_server *server = pending->server;
    struct pollfd state = { .fd = watch->fd, .events = POLLRDHUP };

    if (poll(&state, 1, 0) < 0)
        return; /* the next turn of the loop tries again */
    if (state.revents & (POLLERR | POLLHUP | POLLNVAL) || pending->half_closed)
        disconnected(server, pending);
    else if (state.revents & POLLRDHUP)
        half_closed(server, pending);
    srv_gate_wake_deferred(server);
    srv_gate_update(server);
}

static bool
lookup_begin(struct srv_server *server, struct srv_pending *pending)
{
    const struct srv_config *config = server->config;
    struct srv_lookup_plan plan = { .ident_ms = (int64_t)config->timeout_s * 1000,
                                    .loop = server->loop,
                                    .resolver = srv_resolvers_use(&server->resolvers),
                                    .cell = server->cell.loop ? &server->cell : NULL,
                                    .done = on_lookup_done,
                                    .owner = pending,
                                    .out = &pending->lookup };

    if (pending->unknown & POSTERN_NEEDS_HOST)
        plan.work |= SRV_LOOKUP_HOST;
    if (config->paranoid)
        plan.work |= SRV_LOOKUP_PARANOID;
    if (pending->unknown & SRV_UNKNOWN_LOCAL_HOST)
        plan.work |= SRV_LOOKUP_LOCAL_HOST;
    if (pending->unknown & POSTERN_NEEDS_IDENT)
        plan.work |= SRV_LOOKUP_IDENT;
    return srv_lookup_begin(&pending->client, &plan);
}

static void
expire(struct srv_pending *pending)
{
    srv_lookup_expire(pending->lookup);
}

/* Without a watch, a client that disconnects keeps its place until its look-ups end. */
static void
hangup_watch(struct srv_server *server, struct srv_pending *pending)
{
    pending->hangup = (struct srv_watch){ .ready = on_hangup,
                                          .fd = pending->client.fd,
                                          .owner = pending };
    (void)srv_loop_watch(server->loop, &pending->hangup, SRV_HANGUP);
}

/* False without memory: then *pending is freed. */
static bool
begin(struct srv_server *server, struct srv_pending *pending)
{
    struct srv_lookup_places *places = &server->lookup_places;

    srv_lookup_places_make_room(places);
    pending->since_ms = srv_now_ms();
    pending->until_ms = 0; /* deferred anew, if it is over a limit then */
    pending->expire = expire;
    pending->begun_ns = srv_count_begin(server);
    srv_lookup_places_add(places, pending);
    hangup_watch(server, pending);
    if (lookup_begin(server, pending))
        return true;
    place_release(server, pending);
    srv_pending_free(pending);
    return false;
}

enum srv_lookups_outcome
srv_client_lookups_begin(struct srv_server *server, const struct srv_pending *from,
                         struct srv_exceeded *exceeded)
{
    struct srv_pending *pending = srv_pending_new(from);
    struct srv_client client = from->client;
    bool per_source = server->config->per_source.count != 0;

    if (pending && !srv_lookup_shares_take(&server->lookup_places, &server->counters,
                                           pending, per_source, exceeded)) {
        srv_pending_free(pending);
        return SRV_LOOKUPS_FULL;
    }
    if (pending && begin(server, pending)) {
        srv_gate_plan(server);
        return SRV_LOOKUPS_BEGUN;
    }
    srv_drop(server, &client, "look up", client.remote_text, pn_errno_text(ENOMEM));
    return SRV_LOOKUPS_DROPPED;
}
