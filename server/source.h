/* Whom a limit or a rate counts: a network, under one written rule or under -C. */
#ifndef SRV_SOURCE_H
#define SRV_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "postern/types.h"
#include "server/keyed_hash.h"

/* No padding: it is hashed and compared as bytes. */
struct srv_counted {
    uint64_t scope; /* the rule; 0 for -C */
    uint8_t network[16];
    uint64_t family;
};

/* The network of an address, of as many bits as `per` says for its family. */
struct srv_counted
srv_counted_of(uint64_t scope, const struct postern_addr *addr,
               const struct postern_per *per);

uint64_t
srv_counted_hash(const struct srv_hash_key *key, const struct srv_counted *counted);

bool
srv_counted_equal(const struct srv_counted *a, const struct srv_counted *b);

#endif
