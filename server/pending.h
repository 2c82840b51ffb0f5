/*
 * Clients on their way to a program, in queues, first come first served.
 *
 * One queue is of those who would be refused by a limit. A program may have ended a
 * moment ago without the system having told: its client, who has read the end, comes
 * again at once. So whoever is over a limit waits for a moment, is asked again whenever
 * a program has ended, and is refused after that. The other queue is of those who have
 * all that they need but a place of -c.
 */
#ifndef SRV_PENDING_H
#define SRV_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/admit.h"
#include "server/lookup.h"

/* How long a refusal waits, and how many may wait at once where descriptors allow. */
enum { SRV_DEFER_MS = 50, SRV_DEFER_MOST = 256 };

struct srv_server;

/* Owned by the queue it is in, else by whoever took it: for srv_pending_free(). */
struct srv_pending {
    struct srv_pending *next, *before; /* `before`: among look-ups alone */
    struct srv_server *server;         /* outlives it: it is the process's */
    struct srv_client client; /* its texts are the configuration's, or of `lookup` */
    struct srv_lookup
        *lookup;      /* NULL when nothing was looked up; lives as long as this */
    uint32_t unknown; /* of enum postern_need and more: not looked up yet */
    bool counted;     /* has its place under -C */
    struct srv_exceeded exceeded; /* the limit that it is over */
    int64_t until_ms;             /* when it is asked for the last time */
    /* while it is looked up: since when, its shares of the places, and its connection
     */
    int64_t since_ms;
    struct srv_limit_entry *shares[2];
    struct srv_watch hangup;
    bool half_closed;
};

struct srv_pending_queue {
    struct srv_pending *first, **end; /* `end` is NULL while it was never used */
    size_t count;
};

/* NULL without memory. The client's texts are not copied. */
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
 * Whether one more refusal by this limit may wait: no source has more of them than it
 * may have connections, so that one that floods is refused at once.
 */
bool
srv_pending_has_room(const struct srv_pending_queue *queue,
                     const struct srv_exceeded *exceeded);

#endif
