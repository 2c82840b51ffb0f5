/*
 * The client of a running program: what the rules decided by. It is kept as long as the
 * program runs, so that reloaded rules can be asked about it again.
 */
#ifndef SRV_PEER_H
#define SRV_PEER_H

#include "postern/postern.h"
#include "server/client.h"

struct srv_peer {
    struct postern_addr addr;
    const char *remote_text;  /* as the rules have it */
    const char *host, *ident; /* NULL when unknown */
    int64_t begun_ns;         /* when its program was started, where that is timed */
};

/* A view of a client: valid as long as the client and its texts are. */
struct srv_peer
srv_peer_of(const struct srv_client *client);

/* A peer with texts of its own, for free(3). NULL without memory. */
struct srv_peer *
srv_peer_copy(const struct srv_peer *peer);

/*
 * The query for a peer. Valid as long as the peer and `scratch`, which has
 * SRV_CLIENT_TEXT_MOST bytes.
 */
struct postern_query
srv_peer_query(const struct srv_peer *peer, char *scratch);

#endif
