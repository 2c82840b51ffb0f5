/*
 * What a client asks of its name servers and of the server's ident server, and waits
 * for: by itself, or in a process without rights.
 */
#ifndef SRV_COMPANIONS_CLIENT_NAMES_H
#define SRV_COMPANIONS_CLIENT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "server/cell_message.h"
#include "server/client.h"
#include "server/dns_names.h"

/* A connection of whose ends the names are wanted. */
struct srv_names_wanted {
    const struct srv_client *client;
    unsigned work; /* of enum srv_lookup_work */
    int64_t ident_ms;
};

/*
 * Fills in what is found. NULL, or what could not be done, with errno, which is 0 where
 * there was no memory.
 */
const char *
srv_names_find(const struct srv_names_wanted *wanted, struct srv_cell_reply *out);

/*
 * The same, in a process of its own. One that does not tell in time, or tells what
 * cannot be, is as a name server that is dead.
 */
void
srv_names_find_apart(const struct srv_names_wanted *wanted, struct srv_cell_reply *out);

/* srv_addresses_find() likewise: files are read here, and answers there. */
enum srv_names_outcome
srv_addresses_find_apart(const char *host, bool ipv4_only, struct srv_addresses *out);

#endif
