/*
 * Clients whose header is waited for. They have places of look-ups, and a peer has half
 * of those at most, so that a balancer which connects and says nothing takes no client
 * its place. With the header they are queued as those are who have been looked up.
 */
#ifndef SRV_CLIENT_HEADER_H
#define SRV_CLIENT_HEADER_H

#include "server/server.h"

enum srv_header_outcome {
    SRV_HEADER_READ,  /* the client is who the header says: go on */
    SRV_HEADER_TAKEN, /* it waits, as a copy, or was dropped: the caller is done with it
                       */
    SRV_HEADER_FULL   /* too many of its peer wait: *exceeded is filled in */
};

/* Must a header be read of whoever connects from this address? */
bool
srv_client_header_is_wanted(const struct srv_server *server,
                            const struct postern_addr *addr);

/* Reads the header of a client that wants one, or has it waited for. */
enum srv_header_outcome
srv_client_header_begin(struct srv_server *server, struct srv_pending *pending,
                        struct srv_exceeded *exceeded);

/* Drops a client for whose header there is no place. */
void
srv_client_header_refuse(struct srv_server *server, struct srv_client *client);

#endif
