/* Connecting to a server, with a timeout. */
#ifndef SRV_COMPANIONS_CONNECT_H
#define SRV_COMPANIONS_CONNECT_H

#include <stdint.h>

#include "server/endpoint.h"

struct srv_connect {
    struct srv_endpoint local; /* family 0: chosen by the system */
    int64_t timeout_ms;
};

enum srv_connect_outcome { SRV_CONNECT_DONE, SRV_CONNECT_NO_BIND, SRV_CONNECT_FAILED };

/*
 * On DONE *fd is a blocking socket, close-on-exec. Otherwise errno says why, ETIMEDOUT
 * after the timeout.
 */
enum srv_connect_outcome
srv_connect(const struct srv_connect *how, const struct srv_endpoint *remote, int *fd);

#endif
