/* Accepting connections, also when the process has no descriptor left for one. */
#ifndef SRV_ACCEPT_H
#define SRV_ACCEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "server/endpoint.h"

enum srv_accept_outcome {
    SRV_ACCEPT_ONE,   /* *fd and *remote are filled in */
    SRV_ACCEPT_EMPTY, /* no connection is waiting */
    SRV_ACCEPT_AGAIN, /* that client has disconnected: try the next */
    SRV_ACCEPT_SHORT, /* a resource is exhausted: pause. errno says which */
    SRV_ACCEPT_FATAL  /* the listening socket is unusable. errno says why */
};

/* A spare descriptor, for when the process has no other left. */
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
