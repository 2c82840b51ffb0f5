/* Ranges of addresses, of IPv6 perhaps only those with some patterns of zero groups. */
#ifndef PN_COMPILER_EXTENTS_H
#define PN_COMPILER_EXTENTS_H

#include "base/intern.h"
#include "compiler/zeros.h"

/* Addresses from first to last, both inclusive. */
struct pn_extent {
    pn_number first, last;
    uint8_t family;
    uint32_t
        zeros; /* 0: all addresses of the range; else a number from pn_zeros_keep() */
};

/* The number of a set in a pool; 0 without memory. */
uint32_t
pn_zeros_keep(struct pn_intern *pool, const struct pn_zeros *set);

/* The set of a number that is not 0. */
struct pn_zeros
pn_zeros_kept(const struct pn_intern *pool, uint32_t number);

/* The patterns of a range, except those of mapped addresses only. */
struct pn_zeros
pn_extent_patterns(const struct pn_extent *extent);

/* For qsort(): by family, then by first address. */
int
pn_extent_compare(const void *left, const void *right);

/*
 * Sorts the extents of a vector, splits overlaps and joins neighbours. A set has only
 * patterns that its range has; a set of all of them becomes none. False without memory.
 */
bool
pn_extents_join(struct pn_extent **items, size_t *count, size_t *capacity,
                struct pn_intern *pool);

/* How many addresses; 2^128 is 0. */
pn_number
pn_extent_size(const struct pn_intern *pool, const struct pn_extent *extent);

/* The address of an extent that is next to `at`. */
pn_number
pn_extent_nearest(const struct pn_intern *pool, const struct pn_extent *extent,
                  pn_number at);

bool
pn_extent_holds(const struct pn_intern *pool, const struct pn_extent *extent,
                const struct postern_addr *address);

#endif
