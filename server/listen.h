/* The sockets a server listens on. */
#ifndef SRV_LISTEN_H
#define SRV_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"
#include "server/endpoint.h"

enum { SRV_LISTEN_MOST = 64 };

/* One address of a host name that has several, and whether it is listened on. */
struct srv_listen_result {
    struct srv_endpoint end;
    int error; /* errno when listening there failed, else 0 */
};

struct srv_listeners {
    int fds[SRV_LISTEN_MOST];
    size_t count;
    uint16_t port; /* shared by all sockets */
    struct srv_listen_result notes[SRV_LISTEN_MOST];
    size_t note_count;
};

/*
 * Binds and listens on every address of config->host, a list with commas, at one port;
 * port 0 is one that is free on all of them. A name is each of its addresses: under -4
 * those of IPv4, under -6 those of IPv6 where it has any; what is named twice is one.
 * Of a name with several, one that this machine does not have is passed over as long as
 * it has another. HOST "systemd" takes the sockets that were handed over instead, which
 * must be listening TCP sockets, or, of udpserver, UDP sockets. False after a fatal
 * message.
 */
bool
srv_listen(const struct srv_config *config, struct srv_listeners *out);

#endif
