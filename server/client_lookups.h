/*
 * Look-ups of clients: from the first question to the queue of those who are ready. Who
 * may have a place for them: lookup_places.h.
 */
#ifndef SRV_CLIENT_LOOKUPS_H
#define SRV_CLIENT_LOOKUPS_H

#include "server/server.h"

/*
 * Begins the look-ups of a client, and adds it to server->ready when they are done.
 * False when its source has no more places, and then *exceeded is filled in; otherwise
 * the caller is done with *from: it was copied, or its connection dropped for want of
 * memory.
 */
bool
srv_client_lookups_begin(struct srv_server *server, const struct srv_pending *from,
                         struct srv_exceeded *exceeded);

#endif
