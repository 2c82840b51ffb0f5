/*
 * The two ways of the datagrams of one source: to its program and back, through a pair
 * of sockets. Both ends of the pair are kept, so that what a program has not read when
 * it ends is not lost.
 */
#ifndef SRV_SOURCES_RELAY_H
#define SRV_SOURCES_RELAY_H

#include "server/datagram.h"
#include "server/loop.h"

struct srv_queued;

/* Datagrams for a program that are not in its socket yet: so many bytes at most. */
enum { SRV_RELAY_QUEUE_MOST = 256 * 1024, SRV_RELAY_QUEUES_MOST = 16 * 1024 * 1024 };

struct srv_relay {
    int ours, programs; /* the ends of the pair; -1 while there is none */
    struct srv_queued *first, **end;
    size_t bytes;              /* of the queue */
    size_t delivered;          /* datagrams put into the pair since its program began */
    struct srv_queued *answer; /* one that the kernel had no room for */
    size_t *all;               /* bytes of all queues: the caller's */
};

/* An empty one, without sockets. */
void
srv_relay_init(struct srv_relay *relay, size_t *all);

/* Makes the pair. False: errno. */
bool
srv_relay_open(struct srv_relay *relay);

/* Closes the pair; the queue stays. */
void
srv_relay_close(struct srv_relay *relay);

/* Closes the pair, and frees all datagrams. */
void
srv_relay_clear(struct srv_relay *relay);

/* Adds a datagram behind all others. False when there is no room, or memory, for it. */
bool
srv_relay_add(struct srv_relay *relay, const void *bytes, size_t size);

/* Puts what fits into the pair. False while something is left. */
bool
srv_relay_deliver(struct srv_relay *relay);

/* Where answers go: the socket that their questions came by. */
struct srv_relay_way {
    int fd, family;
    struct srv_datagram_ends ends;
    void *room; /* SRV_DATAGRAM_MOST bytes for one datagram on its way */
};

enum srv_relayed {
    SRV_RELAYED_ALL,  /* nothing is left for now */
    SRV_RELAYED_SOME, /* there may be more: call it again */
    SRV_RELAYED_FULL  /* the kernel has no room: call it again in a moment */
};

/* Sends answers of the program, a few of them. */
enum srv_relayed
srv_relay_answer(struct srv_relay *relay, const struct srv_relay_way *way);

/*
 * The program has ended: what it has not read is in the queue again, before the rest.
 * False when it had read nothing at all, though there was something.
 */
bool
srv_relay_recover(struct srv_relay *relay, void *room);

#endif
