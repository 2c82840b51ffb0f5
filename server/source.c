/* Sources in a table with chains, which grows. */
#include "server/source.h"

#include <stdlib.h>
#include <string.h>

#include "server/clock.h"

enum { FIRST_BUCKETS = 256, RETRY_MS = 5, CLOSING_MOST_MS = 1000 };

/* No padding: it is hashed as bytes. */
struct key {
    uint8_t remote[16], local[16];
    uint32_t remote_scope;
    uint16_t remote_port, listener;
};

struct srv_datagrams *
srv_datagrams_new(void)
{
    struct srv_datagrams *datagrams = calloc(1, sizeof(*datagrams));

    if (!datagrams)
        return NULL;
    srv_hash_key_make(&datagrams->key);
    datagrams->bucket_count = FIRST_BUCKETS;
    datagrams->buckets = calloc(FIRST_BUCKETS, sizeof(struct srv_source *));
    if (datagrams->buckets)
        return datagrams;
    free(datagrams);
    return NULL;
}

static struct srv_source **
bucket_of(const struct srv_datagrams *datagrams, size_t listener,
          const struct srv_datagram_ends *ends)
{
    struct key key = { .remote_scope = ends->remote.scope,
                       .remote_port = ends->remote.port,
                       .listener = (uint16_t)listener };

    memcpy(key.remote, ends->remote.addr.bytes, sizeof(key.remote));
    memcpy(key.local, ends->local.addr.bytes, sizeof(key.local));
    return &datagrams->buckets[srv_hash(&datagrams->key, &key, sizeof(key)) &
                               (datagrams->bucket_count - 1)];
}

static bool
is_of(const struct srv_source *source, size_t listener,
      const struct srv_datagram_ends *ends)
{
    return source->listener == listener &&
           source->ends.remote.port == ends->remote.port &&
           source->ends.remote.scope == ends->remote.scope &&
           srv_addr_equal(&source->ends.remote.addr, &ends->remote.addr) &&
           srv_addr_equal(&source->ends.local.addr, &ends->local.addr);
}

struct srv_source *
srv_source_find(const struct srv_datagrams *datagrams, size_t listener,
                const struct srv_datagram_ends *ends)
{
    struct srv_source *source = *bucket_of(datagrams, listener, ends);

    while (source && !is_of(source, listener, ends))
        source = source->next;
    return source;
}

static void
bucket_add(struct srv_datagrams *datagrams, struct srv_source *source)
{
    struct srv_source **bucket = bucket_of(datagrams, source->listener, &source->ends);

    source->next = *bucket;
    *bucket = source;
}

/* Without memory the chains grow instead. */
static void
grow(struct srv_datagrams *datagrams)
{
    struct srv_datagrams larger = { .key = datagrams->key,
                                    .bucket_count = datagrams->bucket_count * 2 };

    if (datagrams->count < datagrams->bucket_count)
        return;
    larger.buckets = calloc(larger.bucket_count, sizeof(struct srv_source *));
    if (!larger.buckets)
        return;
    for (size_t i = 0; i < datagrams->bucket_count; i++)
        while (datagrams->buckets[i]) {
            struct srv_source *source = datagrams->buckets[i];

            datagrams->buckets[i] = source->next;
            bucket_add(&larger, source);
        }
    free(datagrams->buckets);
    datagrams->buckets = larger.buckets;
    datagrams->bucket_count = larger.bucket_count;
}

struct srv_source *
srv_source_new(struct srv_server *server, size_t listener,
               const struct srv_datagram_ends *ends, const struct srv_pending *client)
{
    struct srv_datagrams *datagrams = server->datagrams;
    struct srv_source *source = calloc(1, sizeof(*source));

    if (!source)
        return NULL;
    source->server = server;
    source->listener = listener;
    source->ends = *ends;
    source->pending = *client;
    source->pending.owner = source;
    source->listed = true;
    srv_relay_init(&source->relay, &datagrams->queued);
    grow(datagrams);
    bucket_add(datagrams, source);
    datagrams->count++;
    return source;
}

void
srv_source_forget(struct srv_source *source)
{
    struct srv_datagrams *datagrams = source->server->datagrams;
    struct srv_source **at;

    if (!source->listed)
        return;
    at = bucket_of(datagrams, source->listener, &source->ends);
    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    source->listed = false;
    datagrams->count--;
}

void
srv_source_free(struct srv_source *source)
{
    struct srv_loop *loop = source->server->loop;

    srv_loop_unset(loop, &source->timer);
    srv_loop_unset(loop, &source->retry);
    srv_loop_forget(loop, &source->watch);
    srv_relay_clear(&source->relay);
    srv_pending_free(source->looked);
    free(source);
}

struct srv_relay_way
srv_source_way(const struct srv_source *source)
{
    struct srv_server *server = source->server;

    return (struct srv_relay_way){
        .fd = server->listeners.fds[source->listener],
        .family = server->datagrams->listeners[source->listener].family,
        .ends = source->ends,
        .room = server->datagrams->answer
    };
}

bool
srv_source_retry(struct srv_source *source)
{
    int64_t now_ms = srv_now_ms();

    if (source->state == SRV_SOURCE_CLOSING &&
        now_ms >= source->ended_ms + CLOSING_MOST_MS)
        return false;
    return srv_loop_set(source->server->loop, &source->retry, now_ms + RETRY_MS);
}
