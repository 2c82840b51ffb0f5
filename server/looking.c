/* Places of look-ups, and who has them. */
#define _GNU_SOURCE /* POLLRDHUP */
#include "server/looking.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/server.h"

enum { SHARE = 8, SHARE_LEAST = 4, NETWORK_SHARE = 2, LEAVING_SHARE = 8 };
enum { CUT_AFTER_MS = 1000 };

/* Scopes of what is counted besides -C, which has 0, and rules, whose scopes are odd.
 */
enum { SOURCE_SCOPE = 2, NETWORK_SCOPE = 4, LEAVING_SCOPE = 6 };

static const struct postern_per source_per = { 32, 64 }, network_per = { 24, 48 };

static size_t
share_of(size_t places, size_t share, size_t least)
{
    size_t part = places / share;

    return part > least ? part : least;
}

static void
on_room(struct srv_timer *timer)
{
    srv_server_listen(timer->owner);
}

void
srv_looking_begin(struct srv_server *server, size_t places)
{
    struct srv_looking *looking = &server->looking;

    looking->timer = (struct srv_timer){ .fire = on_room, .owner = server };
    looking->leaving_most = share_of(places, LEAVING_SHARE, 1);
    looking->most = places > looking->leaving_most ? places - looking->leaving_most : 1;
}

static void
list_add(struct srv_pending_list *list, struct srv_pending *pending)
{
    pending->next = NULL;
    pending->before = list->last;
    if (list->last)
        list->last->next = pending;
    else
        list->first = pending;
    list->last = pending;
    list->count++;
}

static void
list_take(struct srv_pending_list *list, struct srv_pending *pending)
{
    if (pending->before)
        pending->before->next = pending->next;
    else
        list->first = pending->next;
    if (pending->next)
        pending->next->before = pending->before;
    else
        list->last = pending->before;
    pending->next = pending->before = NULL;
    list->count--;
}

static bool
may_be_cut(const struct srv_pending *pending, int64_t now_ms)
{
    return now_ms - pending->since_ms >= CUT_AFTER_MS;
}

size_t
srv_looking_room(const struct srv_server *server, size_t most)
{
    const struct srv_looking *looking = &server->looking;
    size_t count = looking->under_way.count;
    size_t room = count < looking->most ? looking->most - count : 0;
    int64_t now_ms;

    if (room >= most)
        return most;
    now_ms = srv_now_ms();
    for (const struct srv_pending *p = looking->under_way.first;
         p && room < most && may_be_cut(p, now_ms); p = p->next)
        room++;
    return room;
}

/* A place for one more of a source under one of the shares. */
static bool
share_take(struct srv_server *server, struct srv_pending *pending, unsigned scope,
           const struct postern_per *per, size_t most, struct srv_over *over)
{
    struct srv_counter_key counted =
        srv_counter_key_of(scope, &pending->client.remote.addr, per);

    return srv_admit_hold(&server->counters, &counted, (uint32_t)most,
                          &pending->shares[scope == NETWORK_SCOPE], over);
}

/* -C has counted the source already, all the time that it is here. */
static bool
shares_take(struct srv_server *server, struct srv_pending *pending,
            struct srv_over *over)
{
    size_t most = server->looking.most;

    if ((server->config->per_source.n ||
         share_take(server, pending, SOURCE_SCOPE, &source_per,
                    share_of(most, SHARE, SHARE_LEAST), over)) &&
        share_take(server, pending, NETWORK_SCOPE, &network_per,
                   share_of(most, NETWORK_SHARE, SHARE_LEAST), over))
        return true;
    srv_admit_release(&server->counters, pending->shares);
    return false;
}

/* Out of its list, without its shares, and nobody watches its connection. */
static void
end(struct srv_server *server, struct srv_pending *pending)
{
    struct srv_looking *looking = &server->looking;

    list_take(pending->leaving ? &looking->leaving : &looking->under_way, pending);
    srv_admit_release(&server->counters, pending->shares);
    srv_loop_forget(server->loop, &pending->hangup);
}

/* Its turn comes with the next turn of the loop: whoever is served now goes on first.
 */
static void
on_looked_up(struct srv_lookup *lookup)
{
    struct srv_pending *pending = lookup->owner;
    struct srv_server *server = pending->server;

    end(server, pending);
    if (lookup->unanswered)
        srv_server_complain(server, &server->no_names, "look-ups of names",
                            "no answer");
    pending->client.host = lookup->client.host;
    pending->client.local_host = lookup->client.local_host;
    pending->client.ident = lookup->client.ident;
    pending->unknown = 0;
    srv_pending_add(&server->ready, pending);
}

/* Nobody is there any more. */
static void
let_go(struct srv_server *server, struct srv_pending *pending)
{
    end(server, pending);
    srv_serve_gone(server, &pending->client);
    srv_pending_free(pending);
}

/*
 * The client has closed its side, and so may read what a program says yet: it goes on,
 * and what it held is for others. From here on only an error tells that it is gone.
 */
static void
leave(struct srv_server *server, struct srv_pending *pending)
{
    struct srv_looking *looking = &server->looking;
    struct srv_over over;

    end(server, pending);
    srv_admit_release(&server->counters, pending->client.held);
    pending->counted = false;
    pending->leaving = true;
    list_add(&looking->leaving, pending);
    if (!share_take(server, pending, LEAVING_SCOPE, &source_per,
                    share_of(looking->leaving_most, SHARE, SHARE_LEAST), &over) ||
        !srv_loop_watch(server->loop, &pending->hangup, 0))
        let_go(server, pending);
    else if (looking->leaving.count > looking->leaving_most)
        let_go(server, looking->leaving.first);
}

static void
on_hangup(struct srv_watch *source)
{
    struct srv_pending *pending = source->owner;
    struct srv_server *server = pending->server;
    struct pollfd state = { .fd = source->fd, .events = POLLRDHUP };

    if (poll(&state, 1, 0) < 0)
        return; /* and again with the next turn */
    if (state.revents & (POLLERR | POLLHUP | POLLNVAL) || pending->leaving)
        let_go(server, pending);
    else if (state.revents & POLLRDHUP)
        leave(server, pending);
    srv_serve_deferred(server);
    srv_server_listen(server);
}

static bool
start(struct srv_server *server, struct srv_pending *pending)
{
    const struct srv_config *config = server->config;
    struct srv_lookup_plan plan = { .ident_ms = (int64_t)config->timeout_s * 1000,
                                    .loop = server->loop,
                                    .resolver = srv_resolvers_use(&server->resolvers),
                                    .done = on_looked_up,
                                    .owner = pending,
                                    .out = &pending->lookup };

    if (config->lookup_host)
        plan.work |= SRV_LOOKUP_HOST;
    if (config->paranoid)
        plan.work |= SRV_LOOKUP_PARANOID;
    if (!config->local_host)
        plan.work |= SRV_LOOKUP_LOCAL_HOST;
    if (config->lookup_ident)
        plan.work |= SRV_LOOKUP_IDENT;
    return srv_lookup_begin(&pending->client, &plan);
}

/* Where nobody can tell, a client that is gone keeps its place for as long as it takes.
 */
static void
watch(struct srv_server *server, struct srv_pending *pending)
{
    pending->hangup = (struct srv_watch){ .ready = on_hangup,
                                          .fd = pending->client.fd,
                                          .owner = pending };
    (void)srv_loop_watch(server->loop, &pending->hangup, SRV_HANGUP);
}

/* There may be a place later though nobody is done: listening begins again then. */
static void
plan_room(struct srv_server *server)
{
    struct srv_looking *looking = &server->looking;

    if (looking->under_way.count >= looking->most)
        (void)srv_loop_set(server->loop, &looking->timer,
                           looking->under_way.first->since_ms + CUT_AFTER_MS);
}

/* False without memory: then *pending is freed. */
static bool
begin(struct srv_server *server, struct srv_pending *pending)
{
    struct srv_looking *looking = &server->looking;

    if (looking->under_way.count >= looking->most)
        srv_lookup_cut(looking->under_way.first->lookup);
    pending->since_ms = srv_now_ms();
    list_add(&looking->under_way, pending);
    watch(server, pending);
    if (start(server, pending))
        return true;
    end(server, pending);
    srv_pending_free(pending);
    return false;
}

bool
srv_looking_add(struct srv_server *server, const struct srv_pending *from,
                struct srv_over *over)
{
    struct srv_pending *pending = srv_pending_new(from);
    struct srv_client client = from->client;

    if (pending && !shares_take(server, pending, over)) {
        srv_pending_free(pending);
        return false;
    }
    if (pending && begin(server, pending))
        plan_room(server);
    else
        srv_serve_drop(server, &client, "look up", client.remote_text,
                       pn_errno_text(ENOMEM));
    return true;
}
