/*
 * Clients that wait, in queues, first come first served. The deferred are over a limit.
 * A program may have ended a moment ago, and its client connects again before the
 * server has heard of the end. So a client over a limit is deferred for a moment,
 * decided again whenever a program has ended, and refused after that. The ready have
 * been looked up and wait for a place under -c.
 */
#ifndef SRV_PENDING_H
#define SRV_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/admit.h"
#include "server/headed.h"
#include "server/lookup.h"

/* How long a client is deferred, and how many may be, where descriptors allow. */
enum { SRV_DEFER_MS = 50, SRV_DEFER_MOST = 256 };

struct srv_server;

/* Beside enum postern_need: the local host name, which only the program is told. */
enum { SRV_UNKNOWN_LOCAL_HOST = 4 };

/* Owned by the queue it is in, else by whoever took it; freed by srv_pending_free(). */
struct srv_pending {
    struct srv_pending *next, *before; /* `before`: only in lists of look-ups */
    struct srv_server *server;         /* outlives it: it is the process's */
    struct srv_client client; /* its texts belong to the configuration or to `lookup` */
    struct srv_lookup
        *lookup; /* NULL when nothing was looked up; lives as long as this */
    void *owner; /* of a datagram: whose look-ups these are */
    uint32_t
        unknown;  /* of enum postern_need and the local host name: not looked up yet */
    bool counted; /* has its place under -C */
    bool greeted; /* was sent the banner of -B */
    /* Is there a header to be read before anything is decided? And what was read: NULL
     * before that, else shared with copies of this */
    bool wants_header;
    struct srv_headed *headed;
    struct srv_exceeded exceeded; /* the limit that it is over */
    int64_t until_ms;             /* when it is decided for the last time */
    /*
     * while it has a place for look-ups: since when, its shares of the places, its
     * connection's watch, and what ends its waiting for the sake of another client
     */
    int64_t since_ms, begun_ns; /* `begun_ns`: of its look-ups, where they are timed */
    void (*expire)(struct srv_pending *pending);
    struct srv_limit_entry *shares[2];
    struct srv_watch hangup;
    bool half_closed;
};

struct srv_pending_queue {
    struct srv_pending *first, **end; /* `end` is NULL while it was never used */
    size_t count;
};

/* NULL without memory. The client's texts are not copied, what was read of its header
 * is shared. */
struct srv_pending *
srv_pending_new(const struct srv_pending *from);

/* The client's descriptor and places are not touched. NULL is fine. */
void
srv_pending_free(struct srv_pending *pending);

void
srv_pending_add(struct srv_pending_queue *queue, struct srv_pending *pending);

/* The one that came first; NULL when there is none. */
struct srv_pending *
srv_pending_take(struct srv_pending_queue *queue);

/*
 * May one more client over this limit be deferred? A source has at most as many
 * deferred as it may have connections, so a flood is refused at once.
 */
bool
srv_pending_has_room(const struct srv_pending_queue *queue,
                     const struct srv_exceeded *exceeded);

#endif
