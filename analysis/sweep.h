/* One pass over the sorted prefixes of a group, which cuts the addresses into
 * intervals. */
#ifndef PN_ANALYSIS_SWEEP_H
#define PN_ANALYSIS_SWEEP_H

#include "compiler/interval.h"
#include "compiler/space.h"

/* Addresses, both ends included, that lie in the same prefixes. Of IPv6 perhaps only
 * those of a zone count (compiler/zeros.h). */
struct pn_sweep_interval {
    pn_number first, last;
    uint8_t family;
    unsigned zone;
    const struct pn_weights *weights; /* of the zone; NULL when all addresses count */
    const struct pn_prefix *const *around; /* the prefixes, outermost first */
    size_t depth;
};

typedef void (*pn_sweep_interval_fn)(void *payload,
                                     const struct pn_sweep_interval *interval);

/*
 * Hands over all addresses of a family in ascending intervals, also those in no prefix,
 * and the mapped ones of IPv6. False without memory.
 */
bool
pn_sweep(const struct pn_prefixes *list, uint8_t family, pn_sweep_interval_fn take,
         void *payload);

/* The same without the covers, at which intervals are cut. */
bool
pn_sweep_open(const struct pn_prefixes *list, uint8_t family,
              const struct pn_intervals *covers, pn_sweep_interval_fn take,
              void *payload);

/*
 * The same for a group, zone by zone, with its keys that match by spelling. `covers`
 * may be NULL. Intervals without an address of their zone are left out.
 */
bool
pn_sweep_group(const struct pn_space *space, uint32_t group, uint8_t family,
               const struct pn_intervals *covers, pn_sweep_interval_fn take,
               void *payload);

/* How many addresses of an interval lie from first to last, and the first of them. */
pn_number
pn_sweep_interval_count(const struct pn_sweep_interval *interval, pn_number first,
                        pn_number last);

bool
pn_sweep_interval_first(const struct pn_sweep_interval *interval, pn_number first,
                        pn_number last, pn_number *out);

/* The index of the first entry of a sorted list, from `low` on, that begins at or after
 * an address. */
size_t
pn_prefixes_from(const struct pn_prefixes *list, size_t low, pn_number address);

/* The exact address of an interval, or NULL. */
const struct pn_prefix *
pn_sweep_interval_exact(const struct pn_sweep_interval *interval);

/*
 * The prefix of an interval that decides, leaving out `entry` and the entries of
 * `item`: the longest, and of equals the first in the source. NULL for none.
 */
const struct pn_prefix *
pn_sweep_interval_prefix(const struct pn_sweep_interval *interval,
                         const struct pn_prefix *entry, uint32_t item);

#endif
