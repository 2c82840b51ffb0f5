/* Whom a limit or a rate counts: a network, under one written rule or under -C. */
#ifndef SRV_COUNTER_KEY_H
#define SRV_COUNTER_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "postern/types.h"
#include "server/keyed_hash.h"

/* No padding: it is hashed and compared as bytes. */
struct srv_counter_key {
    uint64_t scope; /* the rule; 0 for -C */
    uint8_t network[16];
    uint64_t family;
};

/* The network of an address, of as many bits as `per` says for its family. */
struct srv_counter_key
srv_counter_key_of(uint64_t scope, const struct postern_addr *addr,
                   const struct postern_per *per);

uint64_t
srv_counter_key_hash(const struct srv_hash_key *key,
                     const struct srv_counter_key *counted);

bool
srv_counter_key_equal(const struct srv_counter_key *a, const struct srv_counter_key *b);

#endif
