/* Who has a place for look-ups: lists, and counters for the shares of sources. */
#include "server/lookup_places.h"

#include "base/sizes.h"
#include "server/clock.h"

enum { SHARE = 8, SHARE_LEAST = 4, NETWORK_SHARE = 2, HALF_CLOSED_SHARE = 8 };
enum { REPLACEABLE_AFTER_MS = 1000 };

static const struct postern_per source_per = { 32, 64 }, network_per = { 24, 48 },
                                peer_per = { 32, 128 };

static size_t
share_of(size_t places, size_t share, size_t least)
{
    size_t part = places / share;

    return part > least ? part : least;
}

void
srv_lookup_places_init(struct srv_lookup_places *places, size_t count)
{
    size_t half_closed = share_of(count, HALF_CLOSED_SHARE, 1);

    places->half_closed_most = half_closed;
    places->most = count > half_closed ? count - half_closed : 1;
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
list_remove(struct srv_pending_list *list, struct srv_pending *pending)
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

static struct srv_pending_list *
list_of(struct srv_lookup_places *places, const struct srv_pending *pending)
{
    return pending->half_closed ? &places->half_closed : &places->under_way;
}

bool
srv_lookup_places_are_taken(const struct srv_lookup_places *places)
{
    return places->under_way.count >= places->most;
}

void
srv_lookup_places_make_room(const struct srv_lookup_places *places)
{
    if (srv_lookup_places_are_taken(places))
        places->under_way.first->expire(places->under_way.first);
}

int64_t
srv_lookup_places_free_at(const struct srv_lookup_places *places)
{
    return places->under_way.first->since_ms + REPLACEABLE_AFTER_MS;
}

size_t
srv_lookup_places_room(const struct srv_lookup_places *places, size_t most)
{
    size_t count = places->under_way.count;
    size_t room = count < places->most ? places->most - count : 0;
    int64_t now_ms;

    if (room >= most)
        return most;
    now_ms = srv_now_ms();
    for (const struct srv_pending *p = places->under_way.first;
         p && room < most && now_ms - p->since_ms >= REPLACEABLE_AFTER_MS; p = p->next)
        room++;
    return room;
}

static bool
share_take(struct srv_counters *counters, struct srv_pending *pending, unsigned scope,
           const struct postern_per *per, size_t most, struct srv_exceeded *exceeded)
{
    struct srv_counter_key key =
        srv_counter_key_of(scope, &pending->client.remote.addr, per);

    return srv_admit_hold(counters, &key, (uint32_t)most,
                          &pending->shares[scope == SRV_SCOPE_NETWORK], exceeded);
}

static void
shares_release(struct srv_counters *counters, struct srv_pending *pending)
{
    for (size_t i = 0; i < PN_COUNT_OF(pending->shares); i++) {
        srv_limits_release(&counters->live, pending->shares[i]);
        pending->shares[i] = NULL;
    }
}

bool
srv_lookup_shares_take(const struct srv_lookup_places *places,
                       struct srv_counters *counters, struct srv_pending *pending,
                       bool per_source, struct srv_exceeded *exceeded)
{
    size_t most = places->most;

    if ((per_source || share_take(counters, pending, SRV_SCOPE_LOOKUPS, &source_per,
                                  share_of(most, SHARE, SHARE_LEAST), exceeded)) &&
        share_take(counters, pending, SRV_SCOPE_NETWORK, &network_per,
                   share_of(most, NETWORK_SHARE, SHARE_LEAST), exceeded))
        return true;
    shares_release(counters, pending);
    return false;
}

bool
srv_half_closed_share_take(const struct srv_lookup_places *places,
                           struct srv_counters *counters, struct srv_pending *pending)
{
    struct srv_exceeded exceeded;

    return share_take(counters, pending, SRV_SCOPE_HALF_CLOSED, &source_per,
                      share_of(places->half_closed_most, SHARE, SHARE_LEAST),
                      &exceeded);
}

bool
srv_header_share_take(const struct srv_lookup_places *places,
                      struct srv_counters *counters, struct srv_pending *pending,
                      struct srv_exceeded *exceeded)
{
    return share_take(counters, pending, SRV_SCOPE_HEADERS, &peer_per,
                      share_of(places->most, NETWORK_SHARE, 1), exceeded);
}

void
srv_lookup_places_add(struct srv_lookup_places *places, struct srv_pending *pending)
{
    list_add(list_of(places, pending), pending);
}

void
srv_lookup_places_remove(struct srv_lookup_places *places,
                         struct srv_counters *counters, struct srv_pending *pending)
{
    list_remove(list_of(places, pending), pending);
    shares_release(counters, pending);
}
