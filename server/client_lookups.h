/*
 * Look-ups of clients: from the first question to the queue of those who are ready. Who
 * may have a place for them: lookup_places.h.
 */
#ifndef SRV_CLIENT_LOOKUPS_H
#define SRV_CLIENT_LOOKUPS_H

#include "server/server.h"

enum srv_lookups_outcome {
    SRV_LOOKUPS_BEGUN,  /* of a copy: the caller is done with its client */
    SRV_LOOKUPS_FULL,   /* its source has no more places: *exceeded is filled in */
    SRV_LOOKUPS_DROPPED /* no memory: the client was dropped */
};

/* Begins the look-ups of a client, and adds it to server->ready when they are done. */
enum srv_lookups_outcome
srv_client_lookups_begin(struct srv_server *server, const struct srv_pending *from,
                         struct srv_exceeded *exceeded);

#endif
