/*
 * What is known of one connection. Its texts are the configuration's, which stays, or
 * those of the srv_lookup that found them, which its srv_pending keeps for as long.
 */
#ifndef SRV_CLIENT_H
#define SRV_CLIENT_H

#include <stdbool.h>

#include "server/endpoint.h"
#include "server/places.h"

struct srv_proxy_header;

/* Upper bound on the texts of one client: host name, ident, address, separators. */
enum { SRV_CLIENT_TEXT_MOST = 1536 };

struct srv_client {
    int fd;
    bool ipv6_style; /* -6, or an IPv6 client: PROTO is TCP6 */
    struct srv_endpoint remote, local;
    /* as TCPREMOTEIP and TCPLOCALIP, and the rules, have them */
    char remote_text[POSTERN_ADDR_TEXT_SIZE], local_text[POSTERN_ADDR_TEXT_SIZE];
    const char *host;       /* TCPREMOTEHOST; NULL when unknown */
    const char *local_host; /* TCPLOCALHOST, likewise */
    const char *ident;      /* TCPREMOTEINFO, likewise */
    /* what a balancer says beside the ends above, as long as its srv_pending; or NULL
     */
    const struct srv_proxy_header *header;
    void *owner; /* who is told when its program has ended; NULL for nobody */
    struct srv_places held; /* under -C, its rule's limits, the limits patch */
    /* scope of the rule that has counted it already (counter_key.h); 0 for none */
    uint64_t counted_by;
    int64_t decision_ns, lookup_ns; /* how long they took, where that is measured */
};

/* A client from its descriptor and its address. */
void
srv_client_init(struct srv_client *client, int fd, const struct srv_endpoint *remote,
                bool force_ipv6);

/* Takes the two ends from a header that is proxied, in the place of the peer's own. */
void
srv_client_proxy(struct srv_client *client, const struct srv_proxy_header *header,
                 bool force_ipv6);

/* Takes the local end, which a datagram tells. */
void
srv_client_set_local(struct srv_client *client, const struct srv_endpoint *local,
                     bool force_ipv6);

/* Asks the system for the local end. False when it cannot tell: errno. */
bool
srv_client_find_local(struct srv_client *client, bool force_ipv6);

#endif
