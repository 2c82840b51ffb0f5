/* Intervals of addresses, and sets of them by family. */
#ifndef PN_COMPILER_INTERVAL_H
#define PN_COMPILER_INTERVAL_H

#include <stddef.h>

#include "compiler/number.h"

/* Addresses of one family, both ends included. */
struct pn_interval {
    pn_number first, last;
};

/*
 * A list of intervals: all zero is empty. When finished they ascend, and none overlaps
 * or touches another; all that asks needs a finished list.
 */
struct pn_intervals {
    struct pn_interval *items;
    size_t count, capacity;
};

/*
 * Adds an interval, or lets the last one grow where the two overlap or touch: what is
 * added in ascending order is finished. False without memory.
 */
bool
pn_intervals_add(struct pn_intervals *list, pn_number first, pn_number last);

/* Sorts the list, and makes one interval of those that overlap or touch. */
void
pn_intervals_finish(struct pn_intervals *list);

void
pn_intervals_clear(struct pn_intervals *list);

/* The index of the first interval that ends at or above an address; count for none. */
size_t
pn_intervals_find(const struct pn_intervals *list, pn_number address);

bool
pn_intervals_have(const struct pn_intervals *list, pn_number address);

/* Is every address from first to last in the list? */
bool
pn_intervals_cover(const struct pn_intervals *list, pn_number first, pn_number last);

/* Is some address from first to last in the list? */
bool
pn_intervals_overlap(const struct pn_intervals *list, pn_number first, pn_number last);

/* The number of addresses; 2^128 is 0. */
pn_number
pn_intervals_size(const struct pn_intervals *list);

/* What a range has outside of a finished list, part by part in ascending order. */
struct pn_gaps {
    const struct pn_intervals *list;
    size_t next; /* the first interval that may end a part */
    struct pn_interval rest;
    bool ended;
};

struct pn_gaps
pn_gaps_begin(const struct pn_intervals *list, pn_number first, pn_number last);

bool
pn_gaps_next(struct pn_gaps *gaps, struct pn_interval *out);

/* Addresses of both families, by pn_family_index(). All zero is empty. */
struct pn_address_set {
    struct pn_intervals families[PN_FAMILIES];
};

bool
pn_address_set_is_empty(const struct pn_address_set *set);

bool
pn_address_set_has(const struct pn_address_set *set, uint8_t family, pn_number address);

/* How many intervals the set is made of. */
size_t
pn_address_set_count(const struct pn_address_set *set);

/* Adds all of another set, which are to be finished then; false without memory. */
bool
pn_address_set_add(struct pn_address_set *set, const struct pn_address_set *other);

/* Adds what a set has outside of another, both finished; false without memory. */
bool
pn_address_set_without(struct pn_address_set *out, const struct pn_address_set *set,
                       const struct pn_address_set *holes);

void
pn_address_set_finish(struct pn_address_set *set);

void
pn_address_set_clear(struct pn_address_set *set);

#endif
