/* Keys of counters: a network, counted under one rule, -C, or a share of look-ups. */
#ifndef SRV_COUNTER_KEY_H
#define SRV_COUNTER_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "postern/types.h"
#include "server/keyed_hash.h"

/* What is counted beside rules, whose scopes are odd: each has a number of its own. */
enum srv_scope {
    SRV_SCOPE_SOURCE = 0,  /* -C */
    SRV_SCOPE_LOOKUPS = 2, /* shares of the places of look-ups: of a source, */
    SRV_SCOPE_NETWORK = 4, /* of its network, */
    SRV_SCOPE_HALF_CLOSED = 6,
    SRV_SCOPE_HEADERS = 8, /* and of a balancer whose header is to come */
    SRV_SCOPE_PATCH = 10,  /* the limits patch */
    SRV_SCOPE_PENALTY = 12
};

/* No padding: it is hashed and compared as bytes. */
struct srv_counter_key {
    uint64_t scope; /* a rule's identity (odd), or of enum srv_scope */
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
