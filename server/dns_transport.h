/*
 * UDP for c-ares, hardened against forged answers. c-ares by itself uses one socket per
 * name server and accepts what arrives there. Here each question has its own socket,
 * hence its own random port; the letters of its name have random case (D. Dagon and
 * others, "Increased DNS forgery resistance through 0x20-bit encoding", 2008); and
 * c-ares sees only a datagram that is a response, has the question's id, arrived at its
 * port and repeats its name in the same case. The third attempt at a question accepts
 * any case, because some servers do not preserve it.
 */
#ifndef SRV_DNS_TRANSPORT_H
#define SRV_DNS_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <ares.h>

#include "server/resolver.h"

struct srv_dns_peer;

struct srv_dns_transport {
    struct srv_loop *loop;
    struct srv_dns_budget *budget; /* may be shared by several transports */
    struct srv_dns_peer *first;
    void (*readable)(void *payload, int handle); /* tells c-ares to read that handle */
    void *payload;
};

/* Makes c-ares use this transport, which must not move and must outlive the channel. */
void
srv_dns_transport_begin(struct srv_dns_transport *transport, ares_channel channel);

/* Is this handle of c-ares one for datagrams? The transport watches those itself. */
bool
srv_dns_transport_has(const struct srv_dns_transport *transport, int handle);

#endif
