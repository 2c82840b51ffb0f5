/* Singly linked queues. */
#include "server/pending.h"

#include <stdlib.h>

struct srv_pending *
srv_pending_new(const struct srv_pending *from)
{
    struct srv_pending *pending = malloc(sizeof(*pending));

    if (!pending)
        return NULL;
    *pending = *from;
    srv_headed_share(pending->headed);
    return pending;
}

void
srv_pending_free(struct srv_pending *pending)
{
    if (!pending)
        return;
    srv_lookup_free(pending->lookup);
    srv_headed_release(pending->headed);
    free(pending);
}

void
srv_pending_add(struct srv_pending_queue *queue, struct srv_pending *pending)
{
    if (!queue->first)
        queue->end = &queue->first;
    pending->next = NULL;
    *queue->end = pending;
    queue->end = &pending->next;
    queue->count++;
}

struct srv_pending *
srv_pending_take(struct srv_pending_queue *queue)
{
    struct srv_pending *pending = queue->first;

    if (!pending)
        return NULL;
    queue->first = pending->next;
    queue->count--;
    return pending;
}

bool
srv_pending_has_room(const struct srv_pending_queue *queue,
                     const struct srv_exceeded *exceeded)
{
    size_t same = 0;

    for (const struct srv_pending *p = queue->first; p && same < exceeded->n;
         p = p->next)
        same += srv_counter_key_equal(&p->exceeded.source, &exceeded->source);
    return same < exceeded->n;
}
