/* Hashes for tables in memory, and for comparing own output. Not for hostile keys. */
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

/* Adds bytes, eight at a time. Collisions can be constructed on purpose. */
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
    if (size) /* the pointer may be NULL when there are no bytes */
        memcpy(&word, at, size);
    return pn_hash_word(hash, word);
}

#endif
