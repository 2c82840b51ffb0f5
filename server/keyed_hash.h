/* A keyed hash that clients cannot predict: SipHash-2-4 (Aumasson, Bernstein 2012). */
#ifndef SRV_KEYED_HASH_H
#define SRV_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

struct srv_hash_key {
    uint64_t k0, k1;
};

/* A random key. Without getrandom(2), one made of the time and an address. */
void
srv_hash_key_make(struct srv_hash_key *out);

uint64_t
srv_hash(const struct srv_hash_key *key, const void *bytes, size_t size);

#endif
