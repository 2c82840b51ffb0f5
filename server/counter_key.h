/* Keys of counters: a network, counted under one rule, -C, or a share of look-ups. */
#ifndef SRV_COUNTER_KEY_H
#define SRV_COUNTER_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "postern/types.h"
#include "server/keyed_hash.h"

/* No padding: it is hashed and compared as bytes. */
struct srv_counter_key {
    uint64_t scope; /* a rule's identity (odd), 0 for -C, or others (even): shares of
                     * look-ups and the limits patch */
    uint8_t network[16];
    uint64_t family; /* and both lengths: two tiers are never one */
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
