/* Memory that a decision is about to need, asked for ahead. */
#include "runtime/store.h"

enum { CACHED = 1 << 20 };

/* Inlined always: gcc 12 takes a function that only prefetches for one without effect.
 */
static inline __attribute__((always_inline)) void
prefetch_slot(const struct pn_container *container, uint32_t hash)
{
    struct pn_table table = pn_container_table(container->bytes, hash % PN_CDB_TABLES);
    uint64_t at = table.position;

    if (!table.slots)
        return;
    at += (uint64_t)(hash / PN_CDB_TABLES % table.slots) * PN_CDB_SLOT_SIZE;
    if (at < container->size) /* a hint, but to our own memory only */
        __builtin_prefetch(container->bytes + at);
}

/* The hash of a cdb goes byte by byte: that of an address passes those of its prefixes.
 */
void
pn_store_prefetch(const struct postern_rules *rules, struct postern_str address)
{
    uint32_t hash = PN_CDB_HASH_START;

    if (rules->container.size < CACHED)
        return;
    for (size_t i = 0; i < address.len; i++) {
        char c = address.ptr[i];

        hash = hash * 33 ^ (unsigned char)c;
        if (c == '.' || c == ':')
            prefetch_slot(&rules->container, hash);
    }
    prefetch_slot(&rules->container, hash);
}
