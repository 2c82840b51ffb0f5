/* The programs that run: a table of our own pids, so that strange children are known.
 */
#ifndef SRV_CHILDREN_H
#define SRV_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct srv_limit_entry;
struct srv_peer;

struct srv_child {
    pid_t pid;             /* 0 for a free place */
    struct srv_peer *peer; /* whom it serves: the child's, for free(3) */
    /* its places in the tables of limits, until srv_admit_release() */
    struct srv_limit_entry *held[2];
};

/* Open addressing; never more than half full. */
struct srv_children {
    struct srv_child *places;
    size_t place_count, count; /* of places: a power of two */
};

/* Room for one more, before it is started. False without memory. */
bool
srv_children_reserve(struct srv_children *children);

/* Adds a child, and takes its peer over; there is room. */
void
srv_children_add(struct srv_children *children, const struct srv_child *child);

/*
 * Takes a child out, its peer too; false, and *out untouched, when it is none of ours.
 */
bool
srv_children_take(struct srv_children *children, pid_t pid, struct srv_child *out);

/*
 * The child after this one, or the first after NULL, in no order; NULL after the last.
 * Valid until a child is added or taken.
 */
struct srv_child *
srv_children_next(const struct srv_children *children, struct srv_child *after);

/* With the peers. */
void
srv_children_clear(struct srv_children *children);

#endif
