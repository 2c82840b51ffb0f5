/* Headers that come at once are read at once; the others get a place and a time. */
#include "server/client_header.h"

#include <errno.h>

#include "base/errno_text.h"
#include "server/clock.h"
#include "server/drop.h"
#include "server/gate.h"

bool
srv_client_header_is_wanted(const struct srv_server *server,
                            const struct postern_addr *addr)
{
    const struct srv_address_list *proxies = &server->config->proxies;

    return proxies->count && srv_address_list_has(proxies, addr);
}

static void
drop(struct srv_server *server, struct srv_client *client, const char *reason)
{
    srv_drop(server, client, "read the PROXY header of", client->remote_text, reason);
}

/* The client is whom the header speaks of, if it speaks of anybody. */
static void
header_take(struct srv_pending *pending)
{
    const struct srv_proxy_header *header = &pending->headed->header;

    pending->wants_header = false;
    if (header->proxied)
        srv_client_proxy(&pending->client, header, pending->server->config->force_ipv6);
}

static enum srv_headed_state
header_read(struct srv_pending *pending, const char **reason)
{
    return srv_headed_read(pending->headed, pending->client.fd,
                           pending->server->config->proxy_unknown, reason);
}

/* It waits no longer: its place, its watch and its time are given back. */
static void
wait_end(struct srv_pending *pending)
{
    struct srv_server *server = pending->server;

    srv_lookup_places_remove(&server->lookup_places, &server->counters, pending);
    srv_loop_forget(server->loop, &pending->hangup);
    srv_loop_unset(server->loop, &pending->headed->timer);
}

static void
wait_fail(struct srv_pending *pending, const char *reason)
{
    wait_end(pending);
    drop(pending->server, &pending->client, reason);
    srv_pending_free(pending);
}

static void
expire(struct srv_pending *pending)
{
    wait_fail(pending, "it did not come in time");
}

static void
on_timer(struct srv_timer *timer)
{
    struct srv_pending *pending = timer->owner;
    struct srv_server *server = pending->server;

    expire(pending);
    srv_gate_wake_deferred(server);
    srv_gate_update(server);
}

static void
on_bytes(struct srv_watch *watch)
{
    struct srv_pending *pending = watch->owner;
    struct srv_server *server = pending->server;
    const char *reason;
    enum srv_headed_state state = header_read(pending, &reason);

    if (state == SRV_HEADED_WAITS)
        return;
    if (state == SRV_HEADED_FAILS) {
        wait_fail(pending, reason);
    } else {
        wait_end(pending);
        header_take(pending);
        srv_pending_add(&server->ready, pending);
    }
    srv_gate_wake_deferred(server);
    srv_gate_update(server);
}

/* False without memory. */
static bool
wait_begin(struct srv_server *server, struct srv_pending *pending)
{
    int64_t now_ms = srv_now_ms();

    pending->since_ms = now_ms;
    pending->until_ms = 0; /* deferred anew, if it is over a limit then */
    pending->expire = expire;
    pending->headed->timer = (struct srv_timer){ .fire = on_timer, .owner = pending };
    pending->hangup = (struct srv_watch){ .ready = on_bytes,
                                          .fd = pending->client.fd,
                                          .owner = pending };
    srv_lookup_places_make_room(&server->lookup_places);
    srv_lookup_places_add(&server->lookup_places, pending);
    if (srv_loop_watch(server->loop, &pending->hangup, SRV_READABLE) &&
        srv_loop_set(server->loop, &pending->headed->timer,
                     now_ms + (int64_t)server->config->proxy_timeout_s * 1000))
        return true;
    wait_end(pending);
    return false;
}

/* Has a copy of it wait. */
static enum srv_header_outcome
wait_for_more(struct srv_server *server, const struct srv_pending *from,
              struct srv_exceeded *exceeded)
{
    struct srv_pending *pending = srv_pending_new(from);
    struct srv_client client = from->client;

    if (pending && !srv_header_share_take(&server->lookup_places, &server->counters,
                                          pending, exceeded)) {
        srv_pending_free(pending);
        return SRV_HEADER_FULL;
    }
    if (pending && wait_begin(server, pending)) {
        srv_gate_plan(server);
        return SRV_HEADER_TAKEN;
    }
    srv_pending_free(pending);
    drop(server, &client, pn_errno_text(ENOMEM));
    return SRV_HEADER_TAKEN;
}

enum srv_header_outcome
srv_client_header_begin(struct srv_server *server, struct srv_pending *pending,
                        struct srv_exceeded *exceeded)
{
    const char *reason = pn_errno_text(ENOMEM);
    enum srv_headed_state state = SRV_HEADED_FAILS;

    if (!pending->headed)
        pending->headed = srv_headed_new(server->config->proxy_most);
    if (pending->headed)
        state = header_read(pending, &reason);
    if (state == SRV_HEADED_WAITS)
        return wait_for_more(server, pending, exceeded);
    if (state == SRV_HEADED_FAILS) {
        drop(server, &pending->client, reason);
        return SRV_HEADER_TAKEN;
    }
    header_take(pending);
    return SRV_HEADER_READ;
}

void
srv_client_header_refuse(struct srv_server *server, struct srv_client *client)
{
    drop(server, client, "too many of its connections wait for one");
}
