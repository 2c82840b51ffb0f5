/*
 * Whom a program serves: what the rules decided by, kept for as long as it runs, so
 * that rules that come later can be asked about it too.
 */
#ifndef SRV_PEER_H
#define SRV_PEER_H

#include "postern/postern.h"
#include "server/client.h"

struct srv_peer {
    struct postern_addr addr;
    const char *remote_text;  /* as the rules have it */
    const char *host, *ident; /* NULL when unknown */
};

/* A view of a client: valid as long as the client and its texts are. */
struct srv_peer
srv_peer_of(const struct srv_client *client);

/* A peer with texts of its own, for free(3). NULL without memory. */
struct srv_peer *
srv_peer_copy(const struct srv_peer *peer);

/*
 * The question that a peer puts to rules: valid as long as the peer and `scratch`,
 * which has SRV_CLIENT_TEXT_MOST bytes.
 */
struct postern_query
srv_peer_query(const struct srv_peer *peer, char *scratch);

#endif
