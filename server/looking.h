/*
 * Clients whose look-ups are under way. There are so many places for them and no more,
 * and nobody may take those of others:
 *
 * - a source has an eighth of them, unless -C says how many connections it may have,
 * and its network (/24, /48) half;
 * - a client that hangs up gives its place back, and waits on among the leaving, which
 *   are few: it may only have closed its own side, and be served yet;
 * - where none is left, whoever has been looked up for longest, if that is a second or
 *   more, is decided with what is known by then, as when its time is over.
 */
#ifndef SRV_LOOKING_H
#define SRV_LOOKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/loop.h"

struct srv_over;
struct srv_pending;
struct srv_server;

struct srv_pending_list {
    struct srv_pending *first, *last;
    size_t count;
};

struct srv_looking {
    struct srv_pending_list under_way, leaving; /* in the order that they came */
    size_t most, leaving_most;
    struct srv_timer timer; /* when there may be a place though nobody is done */
};

/* Shares `places` out; of one and more. */
void
srv_looking_begin(struct srv_server *server, size_t places);

/* How many more may begin, `most` at most: in places that are free or can be made so.
 */
size_t
srv_looking_room(const struct srv_server *server, size_t most);

/*
 * Begins the look-ups of a client, and hands it on to server->ready when they are done.
 * False when its source has no more places, and then *over is filled in; otherwise
 * *from is done with: it was copied, or dropped for want of memory.
 */
bool
srv_looking_add(struct srv_server *server, const struct srv_pending *from,
                struct srv_over *over);

#endif
