/* Pids in a table with linear probing. */
#include "server/children.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_PLACES = 128 };

static size_t
home_of(const struct srv_children *children, pid_t pid)
{
    return (size_t)((uint32_t)pid * UINT32_C(2654435761)) & (children->place_count - 1);
}

static void
child_put(struct srv_children *children, const struct srv_child *child)
{
    size_t at = home_of(children, child->pid);

    while (children->places[at].pid)
        at = (at + 1) & (children->place_count - 1);
    children->places[at] = *child;
}

bool
srv_children_reserve(struct srv_children *children)
{
    struct srv_children larger = *children;

    if ((children->count + 1) * 2 <= children->place_count)
        return true;
    larger.place_count =
        children->place_count ? children->place_count * 2 : FIRST_PLACES;
    larger.places = calloc(larger.place_count, sizeof(struct srv_child));
    if (!larger.places)
        return false;
    for (size_t i = 0; i < children->place_count; i++)
        if (children->places[i].pid)
            child_put(&larger, &children->places[i]);
    free(children->places);
    *children = larger;
    return true;
}

void
srv_children_add(struct srv_children *children, const struct srv_child *child)
{
    child_put(children, child);
    children->count++;
}

/*
 * Moves children that linear probing had placed beyond the gap, so that each is found.
 */
static void
gap_close(struct srv_children *children, size_t gap)
{
    size_t mask = children->place_count - 1;

    for (size_t at = (gap + 1) & mask; children->places[at].pid; at = (at + 1) & mask) {
        size_t wanted = home_of(children, children->places[at].pid);

        if (((at - wanted) & mask) < ((at - gap) & mask))
            continue; /* its home lies between the gap and here: it is found without
                         moving */
        children->places[gap] = children->places[at];
        children->places[at].pid = 0;
        gap = at;
    }
}

bool
srv_children_take(struct srv_children *children, pid_t pid, struct srv_child *out)
{
    size_t at;

    if (!children->count)
        return false;
    for (at = home_of(children, pid); children->places[at].pid != pid;
         at = (at + 1) & (children->place_count - 1))
        if (!children->places[at].pid)
            return false;
    *out = children->places[at];
    children->places[at].pid = 0;
    children->count--;
    gap_close(children, at);
    return true;
}

struct srv_child *
srv_children_next(const struct srv_children *children, struct srv_child *after)
{
    size_t at = after ? (size_t)(after - children->places) + 1 : 0;

    for (; at < children->place_count; at++)
        if (children->places[at].pid)
            return &children->places[at];
    return NULL;
}

void
srv_children_clear(struct srv_children *children)
{
    struct srv_child *child = NULL;

    while ((child = srv_children_next(children, child))) {
        free(child->peer);
        free(child->penalties);
    }
    free(children->places);
    *children = (struct srv_children){ .places = NULL };
}
