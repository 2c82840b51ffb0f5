/* Taking connections, and what to do when the system has none to give. */
#ifndef SRV_ACCEPT_H
#define SRV_ACCEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "server/endpoint.h"

enum srv_accept_outcome {
    SRV_ACCEPT_ONE,   /* *fd and *remote are filled in */
    SRV_ACCEPT_EMPTY, /* nobody waits any more */
    SRV_ACCEPT_AGAIN, /* that client is gone again: try the next */
    SRV_ACCEPT_SHORT, /* something is short: wait a while. errno says what */
    SRV_ACCEPT_FATAL  /* the socket is no good any more. errno says why */
};

/* A descriptor that is kept for the time when there is none left. */
struct srv_reserve {
    int fd; /* -1 while it is in use */
};

void
srv_reserve_take(struct srv_reserve *reserve);

/*
 * Accepts one client with the reserved descriptor and closes its connection at once: in
 * a shortage that lasts, better than to let everybody wait for nothing.
 */
void
srv_reserve_reject_one(int listener, struct srv_reserve *reserve);

/* Accepts one connection, close-on-exec. */
enum srv_accept_outcome
srv_accept(int listener, struct srv_reserve *reserve, int *fd,
           struct srv_endpoint *remote);

#endif
