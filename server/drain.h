/*
 * Lingering close for refused clients that were sent a text. Closing a socket with
 * unread input resets the connection, and the client may lose the text. So up to 4 KiB
 * of input are read and discarded for up to a second, for a few clients at a time.
 */
#ifndef SRV_DRAIN_H
#define SRV_DRAIN_H

#include <stddef.h>

#include "server/loop.h"

struct srv_drained;

struct srv_drain {
    struct srv_loop *loop; /* must outlive it and every connection being drained */
    size_t count;
};

/*
 * Takes ownership of the descriptor: sends as much of the text as fits, drains, closes.
 * The text is not kept.
 */
void
srv_drain_add(struct srv_drain *drain, int fd, const char *text, size_t size);

#endif
