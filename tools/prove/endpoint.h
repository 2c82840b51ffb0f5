/* Addresses of clients as the system has them. */
#ifndef PN_TOOLS_PROVE_ENDPOINT_H
#define PN_TOOLS_PROVE_ENDPOINT_H

#include <sys/socket.h>

#include "postern/types.h"

/* An address with a port, as the system has it; its size. */
socklen_t
pn_prove_endpoint(const struct postern_addr *addr, unsigned port,
                  struct sockaddr_storage *out);

#endif
