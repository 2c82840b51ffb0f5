/* One source of datagrams, and the table of all of them. */
#ifndef SRV_SOURCE_H
#define SRV_SOURCE_H

#include "server/keyed_hash.h"
#include "server/server.h"
#include "server/sources_relay.h"

enum srv_source_state {
    SRV_SOURCE_ASKING,   /* it is looked up */
    SRV_SOURCE_DEFERRED, /* it waits for a place, for a moment */
    SRV_SOURCE_RUNNING,  /* it has a program */
    SRV_SOURCE_ENDING,   /* its program was told to end, and it is not in the table */
    SRV_SOURCE_CLOSING   /* the program has ended, and answers of it are on their way */
};

struct srv_source {
    struct srv_source *next; /* in its bucket */
    struct srv_server *server;
    enum srv_source_state state;
    size_t listener;
    struct srv_datagram_ends ends;
    struct srv_pending pending; /* its client, and what is unknown of it */
    struct srv_pending *looked; /* what was looked up: owns the client's texts */
    bool listed;                /* is it in the table? */
    bool again;                 /* it has sent more than one datagram */
    bool counted_once;          /* it has a place among those that have not */
    pid_t pid;
    struct srv_relay relay;
    struct srv_watch watch; /* of our end of the pair */
    unsigned interest;      /* of the watch */
    /* `timer` by the state; `retry` when the kernel had no room for an answer */
    struct srv_timer timer, retry;
    int64_t heard_ms, ended_ms; /* when its last datagram came, and its program ended */
};

struct srv_source_listener {
    struct srv_endpoint bound;
    int family;
};

/* What udpserver --per-source has beside what every server has. */
struct srv_datagrams {
    struct srv_hash_key key;
    struct srv_source **buckets;
    size_t bucket_count, count; /* of buckets: a power of two */
    size_t once;                /* programs of sources that have sent one datagram */
    size_t queued;              /* bytes that wait for programs */
    struct srv_source_listener listeners[SRV_LISTEN_MOST];
    /* the datagram that waits for rules to be read */
    bool waiting;
    uint64_t seen; /* value of rules.loads when it came */
    size_t waiting_listener;
    struct srv_datagram arrival;
    char arrived[SRV_DATAGRAM_MOST + 1], answer[SRV_DATAGRAM_MOST + 1];
};

/* NULL without memory. */
struct srv_datagrams *
srv_datagrams_new(void);

/* The source of a datagram that came to a listener; NULL when it is none of these. */
struct srv_source *
srv_source_find(const struct srv_datagrams *datagrams, size_t listener,
                const struct srv_datagram_ends *ends);

/*
 * A source, in the table, of a client that was judged, whose places become the
 * source's. NULL without memory.
 */
struct srv_source *
srv_source_new(struct srv_server *server, size_t listener,
               const struct srv_datagram_ends *ends, const struct srv_pending *client);

/* Takes it out of the table: a further datagram is one of another source. */
void
srv_source_forget(struct srv_source *source);

/* Frees it, and all that is its own, once it is forgotten and has no places. */
void
srv_source_free(struct srv_source *source);

/* Where its answers go. */
struct srv_relay_way
srv_source_way(const struct srv_source *source);

/* Has an answer tried again in a moment. False when it has been tried for long enough,
 * or there is no memory. */
bool
srv_source_retry(struct srv_source *source);

#endif
