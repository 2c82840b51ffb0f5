/* The sockets a server listens on. */
#ifndef SRV_LISTEN_H
#define SRV_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"

enum { SRV_LISTEN_MOST = 64 };

struct srv_listeners {
    int fds[SRV_LISTEN_MOST];
    size_t count;
    uint16_t port; /* of all of them */
};

/*
 * Binds and listens on every address of config->host, a list with commas, at one port;
 * port 0 is one that is free on all of them. HOST "systemd" takes the sockets that were
 * handed over instead. False after a fatal message.
 */
bool
srv_listen(const struct srv_config *config, struct srv_listeners *out);

#endif
