/*
 * The running programs, by pid. A child that is not in the table was inherited from
 * whoever started the server, and is not counted.
 */
#ifndef SRV_CHILDREN_H
#define SRV_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "server/places.h"

struct srv_peer;
struct srv_penalty_list;

struct srv_child {
    pid_t pid;              /* 0 for a free slot */
    struct srv_peer *peer;  /* the client it serves; owned, freed with free(3) */
    void *owner;            /* who is told when it has ended; NULL for nobody */
    struct srv_places held; /* until srv_admit_release() */
    struct srv_penalty_list *penalties; /* of its rule, owned; NULL for none */
};

/* Open addressing; never more than half full. */
struct srv_children {
    struct srv_child *places;
    size_t place_count, count; /* of places: a power of two */
};

/* Makes room for one more, before it is started. False without memory. */
bool
srv_children_reserve(struct srv_children *children);

/* Adds a child and takes ownership of its peer. Room must have been reserved. */
void
srv_children_add(struct srv_children *children, const struct srv_child *child);

/* Removes a child into *out, with its peer. False when the pid is unknown. */
bool
srv_children_take(struct srv_children *children, pid_t pid, struct srv_child *out);

/*
 * The child after this one, or the first after NULL, in no order; NULL after the last.
 * Valid until a child is added or taken.
 */
struct srv_child *
srv_children_next(const struct srv_children *children, struct srv_child *after);

/* Frees the table and all peers. */
void
srv_children_clear(struct srv_children *children);

#endif
