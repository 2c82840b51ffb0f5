/* The decision space: what is true of every query, by ident group and step. */
#ifndef PN_COMPILER_SPACE_H
#define PN_COMPILER_SPACE_H

#include <string.h>

#include "base/intern.h"
#include "compiler/zeros.h"
#include "runtime/format/native.h"

/*
 * A prefix, or a part of one with holes in it: that part reaches as far as `length`
 * says, but ranks as the whole does, by `counts`.
 */
struct pn_prefix {
    pn_number start;
    uint32_t rule;
    uint8_t length, counts;
    bool exact; /* an address written by itself: a step of its own */
} __attribute__((packed, aligned(4)));

/*
 * Of two prefixes that hold an address the one of the higher rank decides. A longer key
 * of the same block, which counts more than the block is long, is above the shorter
 * one, and below whatever is longer than the block.
 */
static inline unsigned
pn_prefix_rank(const struct pn_prefix *prefix)
{
    unsigned length = prefix->length, counts = prefix->counts;

    return counts <= length ? 4 * counts : 4 * length + (counts - length);
}

/* Does a prefix decide rather than another one? Of equals the first that was written.
 */
static inline bool
pn_prefix_outranks(const struct pn_prefix *prefix, const struct pn_prefix *other)
{
    unsigned rank = pn_prefix_rank(prefix), others = pn_prefix_rank(other);

    return rank > others || (rank == others && prefix->rule < other->rule);
}

struct pn_prefixes {
    struct pn_prefix *items;
    size_t count, capacity;
};

/* A prefix of those addresses alone that are written so that they ask for a key. */
struct pn_spelt {
    struct pn_prefix prefix;
    struct pn_zeros zeros;
    uint32_t key; /* in space->keys */
};

struct pn_host {
    uint32_t name; /* in space->names; a suffix begins with its dot */
    uint32_t rule;
};

/* The rules of one ident, of none, or the blocks. Of equal keys the first stays. */
struct pn_group {
    struct pn_prefixes v4, v6;
    struct pn_spelt *spelt; /* of IPv6: of classic keys that hold a zero group */
    size_t spelt_count, spelt_capacity;
    struct pn_host *hosts;
    size_t host_count, host_capacity;
    uint32_t any_host, fallback; /* rules, or PN_NATIVE_NONE */
};

enum { PN_GROUP_BLOCKS, PN_GROUP_NO_IDENT };

/* What a rule says again: something of it has the key of an earlier one. */
struct pn_duplicate {
    uint32_t rule, first;
};

struct pn_space {
    struct pn_intern names;
    struct pn_intern idents; /* number n is group PN_NATIVE_FIRST_GROUPS + n */
    struct pn_group *groups;
    size_t group_count, group_capacity;
    struct pn_intern keys; /* of what is spelt, and of keys with several pieces */
    struct pn_zones zones; /* what it tells apart; of use when the space is finished */
    struct pn_duplicate *duplicates; /* once for each key, in no order */
    size_t duplicate_count, duplicate_capacity;
    bool failed; /* out of memory */
};

/*
 * From `start` to the start of the next piece the same rules hold. Packed, for there
 * are more than a million of them in large policies.
 */
struct pn_piece {
    pn_number start;
    uint32_t entry; /* in pn_pieces.entries */
} __attribute__((packed, aligned(4)));

/* Entries that were seen lately are found again, so that few are there twice. */
enum { PN_PIECES_RECENT = 16 };

struct pn_pieces {
    struct pn_piece *items;
    size_t count, capacity;
    struct pn_native_entry *entries;
    size_t entry_count, entry_capacity;
    uint32_t recent[PN_PIECES_RECENT]; /* numbers of entries, by what they hold */
};

static inline struct pn_native_entry
pn_pieces_entry(const struct pn_pieces *pieces, size_t piece)
{
    return pieces->entries[pieces->items[piece].entry];
}

/* Adds a piece behind the others, or lets the last one go on. False without memory. */
bool
pn_pieces_add(struct pn_pieces *pieces, pn_number start,
              const struct pn_native_entry *entry);

void
pn_pieces_clear(struct pn_pieces *pieces);

/* Is a name of the space a suffix? The root, ".", is a host. */
static inline bool
pn_name_is_suffix(const char *name, size_t size)
{
    return size > 1 && *name == '.';
}

/* A failed allocation is remembered in space->failed by all of these. */
void
pn_space_begin(struct pn_space *space);

void
pn_space_clear(struct pn_space *space);

/* The group of an ident, made when it is new. */
uint32_t
pn_space_group(struct pn_space *space, const char *ident, size_t size);

/* Room for so many more prefixes, and no more: a large list would double it. */
bool
pn_space_reserve(struct pn_space *space, uint32_t group, size_t v4, size_t v6);

void
pn_space_add_prefix(struct pn_space *space, uint32_t group, uint8_t family,
                    struct pn_prefix prefix);

/* Adds what addresses of some patterns ask for, by the text `key`. */
void
pn_space_add_spelt(struct pn_space *space, uint32_t group, struct pn_spelt spelt,
                   const char *key, size_t size);

/*
 * The prefixes of a group in a zone: its list, or `own` that is filled with those and
 * what is spelt, for pn_prefixes_clear() in any case.
 */
const struct pn_prefixes *
pn_space_list(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
              struct pn_prefixes *own);

void
pn_prefixes_clear(struct pn_prefixes *list);

/* The order of a finished list; for qsort(). */
int
pn_prefix_compare(const void *left, const void *right);

/* What a rule says again; for the files of a space alone. */
void
pn_duplicate_add(struct pn_space *space, uint32_t rule, uint32_t first);

/* The part of pn_space_finish() that is of what is spelt. */
void
pn_space_finish_spelt(struct pn_space *space);

/*
 * The longest prefix that begins at `first` and does not pass `last`: its length. Again
 * and again, this cuts a range into the fewest prefixes.
 */
uint8_t
pn_prefix_at(uint8_t family, pn_number first, pn_number last);

/* Where a prefix of this start and length stands in a sorted list, or would stand. */
size_t
pn_prefixes_place(const struct pn_prefixes *list, pn_number start, unsigned length);

/* A host, a suffix, or any host: a number in space->names, or PN_NATIVE_NONE. */
void
pn_space_add_host(struct pn_space *space, uint32_t group, uint32_t name, uint32_t rule);

void
pn_space_add_fallback(struct pn_space *space, uint32_t group, uint32_t rule);

/* Sorts, and drops what has the key of something before it. Call once, at the end. */
void
pn_space_finish(struct pn_space *space);

/*
 * Cuts the addresses of a family into pieces, ascending, the first from 0 on: what the
 * group's rules say, and above it what the blocks do (for PN_GROUP_NO_IDENT). Of IPv6,
 * those that have a pattern of the zone.
 */
void
pn_space_flatten(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
                 struct pn_pieces *out);

/* How many zones a family has. */
static inline unsigned
pn_zone_count(const struct pn_zones *zones, uint8_t family)
{
    return family == 6 ? zones->count : 1;
}

#endif
