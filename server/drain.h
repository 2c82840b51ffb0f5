/*
 * Clients that were told why they are turned away. A close with something unread would
 * reset the connection and may take the words back: so they may go on sending for a
 * second, or 4 KiB, a few of them at a time.
 */
#ifndef SRV_DRAIN_H
#define SRV_DRAIN_H

#include <stddef.h>

#include "server/loop.h"

struct srv_drained;

struct srv_drain {
    struct srv_loop *loop; /* outlives it, and all that are drained */
    size_t count;
};

/*
 * Takes the descriptor over: sends the text, as far as it fits, and closes in the end.
 * The text is not kept.
 */
void
srv_drain_add(struct srv_drain *drain, int fd, const char *text, size_t size);

#endif
