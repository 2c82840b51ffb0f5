/*
 * Patterns of zero groups. Which groups of an IPv6 address are zero decides how it is
 * written, and so which keys of a classic file it asks for. A pattern is a number below
 * 256: bit 7 is the first group, set when that is not zero. Sets of patterns accompany
 * ranges of addresses. A policy without such keys has one zone with all patterns.
 */
#ifndef PN_COMPILER_ZEROS_H
#define PN_COMPILER_ZEROS_H

#include <stdbool.h>
#include <stddef.h>

#include "compiler/number.h"

enum { PN_ZEROS_WORDS = (PN_ZERO_PATTERNS + 63) / 64 };

struct pn_zeros {
    uint64_t words[PN_ZEROS_WORDS];
};

static inline bool
pn_zeros_has(const struct pn_zeros *set, unsigned pattern)
{
    return set->words[pattern / 64] >> pattern % 64 & 1;
}

static inline void
pn_zeros_add(struct pn_zeros *set, unsigned pattern)
{
    set->words[pattern / 64] |= UINT64_C(1) << pattern % 64;
}

bool
pn_zeros_is_empty(const struct pn_zeros *set);

bool
pn_zeros_equal(const struct pn_zeros *a, const struct pn_zeros *b);

/* Intersection, and difference a without b. */
struct pn_zeros
pn_zeros_intersect(const struct pn_zeros *a, const struct pn_zeros *b);

struct pn_zeros
pn_zeros_less(const struct pn_zeros *a, const struct pn_zeros *b);

struct pn_zeros
pn_zeros_join(const struct pn_zeros *a, const struct pn_zeros *b);

/* The pattern of an address. */
unsigned
pn_zeros_of(pn_number address);

/*
 * The groups that the text of a pattern writes as "::": their number, from *start on; 0
 * when no group is zero.
 */
unsigned
pn_zeros_run(unsigned pattern, unsigned *start);

/* The patterns of the addresses from first to last, mapped ones included. */
struct pn_zeros
pn_zeros_within(pn_number first, pn_number last);

/*
 * A binary tree of counts: for each pattern of the first groups, how many addresses
 * behind them have a pattern of the set. Node 1 is the root; nodes 2n and 2n + 1 add a
 * zero and a non-zero group to node n.
 */
struct pn_weights {
    pn_number nodes[2 * PN_ZERO_PATTERNS];
};

void
pn_weights_make(struct pn_weights *weights, const struct pn_zeros *set);

/* The number of addresses from first to last; 2^128 is 0. */
pn_number
pn_weights_count(const struct pn_weights *weights, pn_number first, pn_number last);

/* The first of them; false when there is none. */
bool
pn_weights_first(const struct pn_weights *weights, pn_number first, pn_number last,
                 pn_number *out);

/* The last of them. */
bool
pn_weights_last(const struct pn_weights *weights, pn_number first, pn_number last,
                pn_number *out);

/* A partition of the patterns: no key distinguishes the patterns of one zone. */
struct pn_zones {
    unsigned count;
    uint8_t of[PN_ZERO_PATTERNS];
};

void
pn_zones_begin(struct pn_zones *zones);

/*
 * Divides zones so that each is inside or outside the set; or within one zone of the
 * other partition.
 */
void
pn_zones_cut(struct pn_zones *zones, const struct pn_zeros *set);

void
pn_zones_join(struct pn_zones *zones, const struct pn_zones *other);

/* The patterns of a zone. */
struct pn_zeros
pn_zones_set(const struct pn_zones *zones, unsigned zone);

/* A pattern of it. */
unsigned
pn_zones_pattern(const struct pn_zones *zones, unsigned zone);

#endif
