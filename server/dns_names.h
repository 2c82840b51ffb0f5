/* Host and service names to addresses and ports. Blocks until the answer is there. */
#ifndef SRV_DNS_NAMES_H
#define SRV_DNS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/endpoint.h"

/* A number, or a name of services(5). False when it is neither. */
bool
srv_port_find(const char *text, const char *protocol, uint16_t *out);

enum srv_names_outcome { SRV_NAMES_FOUND, SRV_NAMES_NONE, SRV_NAMES_LATER };

struct srv_addresses {
    struct postern_addr items[16];
    size_t count;
    int error; /* errno, when the outcome is LATER */
};

/*
 * The addresses of a host, each once: itself when it is one, else what /etc/hosts and
 * then the name servers (of DNSCACHEIP, if set) say. `ipv4_only` leaves IPv6 out; an
 * IPv6 address by itself is then NONE.
 */
enum srv_names_outcome
srv_addresses_find(const char *host, bool ipv4_only, struct srv_addresses *out);

/*
 * The same in two steps. What needs no name server; LATER where one is to be asked. And
 * what the name servers say: `ready` is called when nothing more is to be opened.
 */
enum srv_names_outcome
srv_addresses_known(const char *host, bool ipv4_only, struct srv_addresses *out);

enum srv_names_outcome
srv_addresses_ask(const char *host, bool ipv4_only, void (*ready)(void),
                  struct srv_addresses *out);

/* The words for NONE, as in "no ... for HOST": under ipv4_only they say so. */
const char *
srv_addresses_none_text(const char *host, bool ipv4_only);

#endif
