/* Prefixes of a group: which of them decide, and in which order they are kept. */
#ifndef PN_COMPILER_PREFIXES_H
#define PN_COMPILER_PREFIXES_H

#include <stddef.h>

#include "compiler/number.h"

/* In the place of the number of a rule, an item or a class: none. */
#define PN_RULE_NONE UINT32_MAX

/* In the place of the number of a host name: any host. */
#define PN_NAME_ANY UINT32_MAX

/* Likewise: whatever there is of a host, or none; for pn_space.keeps_equal. */
#define PN_NAME_ABSENT (UINT32_MAX - 1)

/*
 * A prefix, or a part of one that excludes others: that part reaches as far as `length`
 * says, but ranks as the whole does, by `rank_length`.
 */
struct pn_prefix {
    pn_number start;
    uint32_t rule;
    uint8_t length, rank_length;
    bool is_address; /* an address written by itself: a step of its own */
} __attribute__((packed, aligned(4)));

/*
 * Of two prefixes that hold an address the one of the higher rank decides. A longer key
 * of the same block, which counts more than the block is long, is above the shorter
 * one, and below whatever is longer than the block.
 */
static inline unsigned
pn_prefix_rank(const struct pn_prefix *prefix)
{
    unsigned length = prefix->length, rank_length = prefix->rank_length;

    return rank_length <= length ? 4 * rank_length
                                 : 4 * length + (rank_length - length);
}

/* Does a prefix decide rather than another one? Of equals the first that was written.
 */
static inline bool
pn_prefix_outranks(const struct pn_prefix *prefix, const struct pn_prefix *other)
{
    unsigned rank = pn_prefix_rank(prefix), others = pn_prefix_rank(other);

    return rank > others || (rank == others && prefix->rule < other->rule);
}

/* The last address of a prefix. */
static inline pn_number
pn_prefix_last(const struct pn_prefix *prefix, uint8_t family)
{
    return prefix->start | pn_host_mask(family, prefix->length);
}

struct pn_prefixes {
    struct pn_prefix *items;
    size_t count, capacity;
};

/* The order of a finished list; for qsort(). */
int
pn_prefix_compare(const void *left, const void *right);

/* Sorts a list in that order; false without memory. */
bool
pn_prefixes_sort(struct pn_prefixes *list, uint8_t family);

/* Where a prefix of this start and length stands in a sorted list, or would stand. */
size_t
pn_prefixes_place(const struct pn_prefixes *list, pn_number start, unsigned length);

/*
 * The longest prefix that begins at `first` and does not pass `last`: its length. Again
 * and again, this cuts a range into the fewest prefixes.
 */
uint8_t
pn_prefix_at(uint8_t family, pn_number first, pn_number last);

void
pn_prefixes_clear(struct pn_prefixes *list);

#endif
