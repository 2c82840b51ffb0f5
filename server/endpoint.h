/* One end of a connection: address and port, to and from socket addresses. */
#ifndef SRV_ENDPOINT_H
#define SRV_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "postern/types.h"

/* An IPv4-mapped address is stored as the IPv4 address. */
struct srv_endpoint {
    struct postern_addr addr;
    uint16_t port;
    uint32_t scope; /* interface of a link-local address, or 0 */
};

/* False for families other than IPv4 and IPv6. */
bool
srv_endpoint_from(const struct sockaddr_storage *from, struct srv_endpoint *out);

/* For a socket of its own family. Returns the length to give with it. */
socklen_t
srv_endpoint_to(const struct srv_endpoint *end, struct sockaddr_storage *out);

/* AF_INET or AF_INET6. */
int
srv_endpoint_family(const struct srv_endpoint *end);

bool
srv_addr_equal(const struct postern_addr *a, const struct postern_addr *b);

/*
 * What the TCP6 variables and the ok and deny lines hold: an IPv4 address as
 * ::ffff:a.b.c.d. `text` has room for POSTERN_ADDR_TEXT_SIZE bytes; returns the length.
 */
size_t
srv_addr_print_mapped(const struct postern_addr *addr, char *text);

#endif
