/* Networks as keys of counters. */
#include "server/counter_key.h"

#include <string.h>

struct srv_counter_key
srv_counter_key_of(uint64_t scope, const struct postern_addr *addr,
                   const struct postern_per *per)
{
    struct srv_counter_key out = { .scope = scope,
                                   .family = addr->family | (uint64_t)per->v4 << 8 |
                                             (uint64_t)per->v6 << 16 };
    unsigned bits = addr->family == 4 ? per->v4 : per->v6;
    unsigned width = addr->family == 4 ? 32 : 128;

    if (bits > width)
        bits = width;

    memcpy(out.network, addr->bytes, bits / 8);
    if (bits % 8)
        out.network[bits / 8] =
            (uint8_t)(addr->bytes[bits / 8] & (0xffu << (8 - bits % 8)));
    return out;
}

uint64_t
srv_counter_key_hash(const struct srv_hash_key *key,
                     const struct srv_counter_key *counted)
{
    return srv_hash(key, counted, sizeof(*counted));
}

bool
srv_counter_key_equal(const struct srv_counter_key *a, const struct srv_counter_key *b)
{
    return a->scope == b->scope && a->family == b->family &&
           memcmp(a->network, b->network, sizeof(a->network)) == 0;
}
