/* Hashes for tables in memory, and for comparing what we wrote ourselves. */
#ifndef PN_BASE_HASH_H
#define PN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PN_HASH_START UINT64_C(0xcbf29ce484222325)

/* Another word, mixed so that the low bits depend on all. */
static inline uint64_t
pn_hash_word(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Bytes, eight at a time. Whoever looks for two texts with one hash finds them. */
static inline uint64_t
pn_hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t word;

    hash = pn_hash_word(hash, size);
    for (; size >= sizeof(word); at += sizeof(word), size -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        hash = pn_hash_word(hash, word);
    }
    word = 0;
    if (size) /* of no bytes there may be no address */
        memcpy(&word, at, size);
    return pn_hash_word(hash, word);
}

#endif
