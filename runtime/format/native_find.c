/* Searching the indexes of a native image: what every decision does. */
#define _DEFAULT_SOURCE /* be64toh */
#include <endian.h>
#include <string.h>

#include "runtime/format/native.h"

__extension__ typedef unsigned __int128 unsigned_wide;

enum { SHORT_RUN = 4, SHORT_RUN_COMPACT = 8, NUMBER = 4, ENTRY_SIZE = 20 };

/* How many bytes a piece has whose start has so many. */
static inline uint32_t
piece_size(uint32_t start_size)
{
    return start_size + (start_size == PN_INDEX_COMPACT ? 2 : NUMBER);
}

/* 64 bits as images hold them. */
static inline uint64_t
wide(const uint8_t *bytes)
{
    return pn_container_number(bytes) | (uint64_t)pn_container_number(bytes + 4) << 32;
}

/* Numbers in network byte order; compiles to one load each. */
static inline uint64_t
network64(const uint8_t *bytes)
{
    uint64_t number;

    memcpy(&number, bytes, sizeof(number));
    return be64toh(number);
}

static inline uint64_t
network32(const uint8_t *bytes)
{
    uint32_t number;

    memcpy(&number, bytes, sizeof(number));
    return be32toh(number);
}

static inline uint32_t
narrow(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}

static inline uint32_t
slot_entry(const struct pn_native_index *index, uint64_t slot)
{
    return pn_container_number(index->table + slot * NUMBER);
}

static inline uint64_t
slot_of_key(const struct pn_native_index *index, uint64_t key)
{
    uint64_t slot = key < index->base ? 0 : ((key - index->base) >> index->shift) + 1;

    return slot < index->slots ? slot : index->slots - 1;
}

/* What its slot leaves of a key: the key, in the first one. */
static inline uint64_t
rest_of_key(const struct pn_native_index *index, uint64_t key, uint64_t slot)
{
    return slot ? key - index->base - ((slot - 1) << index->shift) : key;
}

/* A node, and what is left of a key above it. */
struct fine {
    uint32_t first, second;
    uint64_t rest;
};

static inline struct fine
fine_at(const uint8_t *nodes, uint32_t at, uint64_t rest)
{
    const uint8_t *node = nodes + (size_t)at * PN_FINE_NODE_SIZE;

    return (struct fine){ pn_container_number(node), pn_container_number(node + 4),
                          rest };
}

/* The node of a table that the rest of a key leads to: its number, or UINT32_MAX. */
static inline uint32_t
fine_step(const struct pn_native_index *index, struct fine *fine)
{
    unsigned shift = fine->second & 63;
    uint64_t at = fine->first + (fine->rest >> shift);

    fine->rest &= (UINT64_C(1) << shift) - 1;
    return at < index->node_count ? (uint32_t)at : UINT32_MAX;
}

/* Is a node a run of pieces that are there? */
static inline bool
fine_is_run(const struct pn_native_index *index, const struct fine *fine)
{
    return fine->first < index->count && fine->second &&
           fine->second <= index->count - fine->first;
}

/* A part of a long run that contains the key of which its slot left a rest. */
static bool
run_refine(const struct pn_native_index *index, uint64_t rest, uint32_t *low,
           uint32_t *high)
{
    struct fine fine = fine_at(index->roots, *low / PN_FINE_RUN + 1, rest);

    if (!(fine.second & PN_FINE_TABLE))
        return true; /* none */
    for (int level = 0; level < PN_FINE_LEVELS && fine.second & PN_FINE_TABLE;
         level++) {
        uint32_t at = fine_step(index, &fine);

        if (at == UINT32_MAX)
            return false;
        fine = fine_at(index->nodes, at, fine.rest);
    }
    *low = fine.first;
    *high = fine.first + fine.second - 1;
    return fine_is_run(index, &fine);
}

static inline bool
is_long(const struct pn_native_index *index, uint32_t pieces)
{
    return pieces > PN_FINE_RUN && index->node_count;
}

/* The run of pieces that contains the key: *low to *high. */
static inline bool
run_find(const struct pn_native_index *index, uint64_t key, uint32_t *low,
         uint32_t *high)
{
    uint32_t next;
    uint64_t slot;

    *low = 0;
    *high = index->count - 1;
    if (!index->slots)
        return true;
    slot = slot_of_key(index, key);
    next = slot_entry(index, slot + 1);
    *low = slot_entry(index, slot) & ~PN_INDEX_BEGINS;
    *high = (next & ~PN_INDEX_BEGINS) - next / PN_INDEX_BEGINS;
    if (*low > *high || *high >= index->count)
        return false;
    return !is_long(index, *high - *low + 1) ||
           run_refine(index, rest_of_key(index, key, slot), low, high);
}

/*
 * Does a piece with this start size begin at or below the address? 1 or 0, without a
 * branch.
 */
static inline uint32_t
begins_below(const uint8_t *piece, unsigned size, uint64_t high, uint64_t low)
{
    if (size == PN_INDEX_COMPACT)
        return narrow(piece) <= (uint32_t)high;
    if (size == 4)
        return pn_container_number(piece) <= (uint32_t)high;
    if (size == 8)
        return wide(piece) <= high;
    return ((unsigned_wide)wide(piece) << 64 | wide(piece + 8)) <=
           ((unsigned_wide)high << 64 | low);
}

/*
 * The last piece of the run that starts at or below the address: a binary search whose
 * steps are sums and no branches, as which way they go is anybody's guess. The last
 * ones are always taken, for how short a short run is, is one too. (The structure is
 * known as DXR: M. Zec, L. Rizzo, M. Mikuc, "DXR: towards a billion routing lookups per
 * second in software", 2012.)
 */
static inline const uint8_t *
piece_find(const struct pn_native_index *index, unsigned size, uint64_t key,
           uint64_t high_key, uint64_t low_key)
{
    const uint32_t short_run = size == PN_INDEX_COMPACT ? SHORT_RUN_COMPACT : SHORT_RUN;
    const size_t each = piece_size(size);
    uint32_t low, high;

    if (!run_find(index, key, &low, &high))
        return NULL;
    for (uint32_t count = high - low + 1; count > short_run;) {
        uint32_t half = count / 2;

        low += half & (0u - begins_below(index->pieces + (low + half) * each, size,
                                         high_key, low_key));
        count -= half;
    }
    for (uint32_t half = short_run / 2; half; half /= 2) {
        uint32_t next = low + half, within = next <= high, mask;

        next = within ? next : low;
        mask = 0u - (within & begins_below(index->pieces + next * each, size, high_key,
                                           low_key));
        low += half & mask;
    }
    return index->pieces + low * each + size;
}

/* The number of the entry of the address's piece; UINT32_MAX for damage. */
static inline uint32_t
entry_find(const struct pn_native_index *index, unsigned start_size,
           const uint8_t *address)
{
    bool compact = start_size == PN_INDEX_COMPACT;
    uint64_t key = compact || start_size == 4 ? network32(address) : network64(address);
    uint64_t high = compact ? key & ((UINT64_C(1) << index->shift) - 1) : key;
    uint64_t low = start_size == 16 ? network64(address + 8) : 0;
    const uint8_t *number = piece_find(index, start_size, key, high, low);

    if (!number)
        return UINT32_MAX;
    return compact ? narrow(number) : pn_container_number(number);
}

/* Those of some addresses whose runs are long, and how far they got. */
struct refining {
    size_t count;
    uint8_t at[PN_NATIVE_SOME];
    struct fine fine[PN_NATIVE_SOME];
};

static void
refine_begin(const struct pn_native_index *index, unsigned width,
             const uint8_t *addresses, const uint32_t *low, struct refining *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->count; i++) {
        uint8_t at = r->at[i];
        const uint8_t *address = addresses + (size_t)at * width;
        uint64_t key = width == 4 ? network32(address) : network64(address);
        struct fine fine = fine_at(index->roots, low[at] / PN_FINE_RUN + 1,
                                   rest_of_key(index, key, slot_of_key(index, key)));

        if (fine.second & PN_FINE_TABLE) {
            r->at[kept] = at;
            r->fine[kept++] = fine;
        }
    }
    r->count = kept;
}

/* One table further down, for all; those that have come to a run are done. */
static void
refine_level(const struct pn_native_index *index, uint32_t *low, uint32_t *counts,
             struct refining *r)
{
    uint32_t next[PN_NATIVE_SOME];
    size_t kept = 0;

    for (size_t i = 0; i < r->count; i++) {
        next[i] = fine_step(index, &r->fine[i]);
        if (next[i] != UINT32_MAX)
            __builtin_prefetch(index->nodes + (size_t)next[i] * PN_FINE_NODE_SIZE);
    }
    for (size_t i = 0; i < r->count; i++) {
        uint8_t at = r->at[i];
        struct fine fine = next[i] == UINT32_MAX
                               ? (struct fine){ 0 }
                               : fine_at(index->nodes, next[i], r->fine[i].rest);

        if (fine.second & PN_FINE_TABLE) {
            r->at[kept] = at;
            r->fine[kept++] = fine;
        }
        counts[at] = fine_is_run(index, &fine) ? fine.second : 0;
        low[at] = counts[at] ? fine.first : 0;
    }
    r->count = kept;
}

void
pn_native_refine(const struct pn_native_index *index, unsigned width,
                 const uint8_t *addresses, size_t count, uint32_t *low,
                 uint32_t *counts)
{
    struct refining r = { .count = 0 };

    if (!index->node_count)
        return;
    for (size_t i = 0; i < count; i++)
        if (is_long(index, counts[i])) {
            __builtin_prefetch(index->roots +
                               (low[i] / PN_FINE_RUN + (size_t)1) * PN_FINE_NODE_SIZE);
            r.at[r.count++] = (uint8_t)i;
        }
    refine_begin(index, width, addresses, low, &r);
    for (int level = 0; level < PN_FINE_LEVELS && r.count; level++)
        refine_level(index, low, counts, &r);
}

/* `body` for each size that a start may have, as a constant of its own. */
#define FOR_EACH_START_SIZE(start_size, body) \
    switch (start_size) {                     \
    case PN_INDEX_COMPACT:                    \
        body(PN_INDEX_COMPACT);               \
        break;                                \
    case 4:                                   \
        body(4);                              \
        break;                                \
    case 8:                                   \
        body(8);                              \
        break;                                \
    default:                                  \
        body(16);                             \
    }

void
pn_native_find_numbers(const struct pn_native_index *index, unsigned width,
                       const uint8_t *addresses, size_t count, uint32_t *out)
{
#define EACH(size)                     \
    for (size_t i = 0; i < count; i++) \
    out[i] = entry_find(index, size, addresses + i * width)
    FOR_EACH_START_SIZE(index->start_size, EACH)
#undef EACH
}

static inline bool
entry_of(const struct pn_native *native, uint32_t number, struct pn_native_entry *out)
{
    const uint8_t *entry = native->entries.bytes + (size_t)number * ENTRY_SIZE;

    if (number >= native->entries.count)
        return false;
    *out = (struct pn_native_entry){ pn_native_number(entry, 0),
                                     pn_native_number(entry, 1),
                                     pn_native_number(entry, 2),
                                     pn_native_number(entry, 3),
                                     pn_native_number(entry, 4) };
    return true;
}

bool
pn_native_find(const struct pn_native *native, const struct pn_native_index *index,
               const uint8_t *address, struct pn_native_entry *out)
{
    uint32_t number = 0;

#define ONE(size) number = entry_find(index, size, address)
    FOR_EACH_START_SIZE(index->start_size, ONE)
#undef ONE
    return entry_of(native, number, out);
}

/* The last slot whose first key is not behind the start of a piece. */
static uint32_t
slot_of(const struct pn_native_index *index, uint32_t piece)
{
    uint32_t low = 1, high = index->slots - 1;

    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2, entry = slot_entry(index, middle);
        uint32_t first = entry & ~PN_INDEX_BEGINS;

        if (piece > first || (piece == first && entry & PN_INDEX_BEGINS))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Bit 7 is the first group, and set where that is not zero. */
static unsigned
pattern_of(const uint8_t *address)
{
    unsigned pattern = 0;

    for (size_t i = 0; i < 16; i += 2)
        pattern = pattern << 1 | !!(address[i] | address[i + 1]);
    return pattern;
}

bool
pn_native_find_in(const struct pn_native *native, uint32_t number,
                  const struct pn_native_group *group, unsigned family,
                  const uint8_t *address, struct pn_native_entry *out)
{
    struct pn_native_index index;

    if (family != 6 || !native->zone_count)
        return pn_native_find(native, pn_native_index(group, family), address, out);
    return pn_native_zone(native, number, native->zones[pattern_of(address)], &index) &&
           pn_native_find(native, &index, address, out);
}

bool
pn_native_piece(const struct pn_native *native, const struct pn_native_index *index,
                uint32_t piece, uint64_t *high, uint64_t *low,
                struct pn_native_entry *out)
{
    const uint8_t *at = index->pieces + (size_t)piece * piece_size(index->start_size);

    *low = index->start_size == 16 ? wide(at + 8) : 0;
    if (index->start_size == PN_INDEX_COMPACT) {
        *high = ((uint64_t)(slot_of(index, piece) - 1) << index->shift) + narrow(at);
        return entry_of(native, narrow(at + PN_INDEX_COMPACT), out);
    }
    *high = index->start_size == 4 ? pn_container_number(at) : wide(at);
    return entry_of(native, pn_container_number(at + index->start_size), out);
}
