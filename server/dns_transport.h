/*
 * Datagrams to name servers and back, for c-ares, which has one socket for each server
 * and takes what comes there. Here each question has a socket, and so a port, of its
 * own; its name is sent in letters of random case (D. Dagon and others, "Increased DNS
 * forgery resistance through 0x20-bit encoding", 2008); and only an answer is handed
 * on: one that says that it is one, has the question's number, came to its port, and
 * repeats it letter by letter. A question that was asked twice in vain is asked without
 * the play of letters, for the sake of servers that do not repeat them.
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
    struct srv_dns_budget *budget; /* perhaps of several */
    struct srv_dns_peer *first;
    void (*readable)(void *payload, int handle); /* c-ares is to read that handle */
    void *payload;
};

/* Makes c-ares talk over `lines`, which stay where they are, and outlive the channel.
 */
void
srv_dns_transport_begin(struct srv_dns_transport *transport, ares_channel channel);

/* Is this handle of c-ares one for datagrams, which nobody else need watch? */
bool
srv_dns_transport_has(const struct srv_dns_transport *transport, int handle);

#endif
