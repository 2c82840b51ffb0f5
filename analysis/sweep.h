/* One pass over the sorted prefixes of a group: what stands around each stretch. */
#ifndef PN_ANALYSIS_SWEEP_H
#define PN_ANALYSIS_SWEEP_H

#include "compiler/interval.h"
#include "compiler/space.h"

/* Addresses, both inclusive, that lie in the same prefixes; of IPv6 perhaps only those
 * of a zone (compiler/zeros.h). */
struct pn_sweep_interval {
    pn_number first, last;
    uint8_t family;
    unsigned zone;
    const struct pn_weights *weights;      /* of the zone; NULL where it is all */
    const struct pn_prefix *const *around; /* outermost first */
    size_t depth;
};

typedef void (*pn_sweep_interval_fn)(void *payload,
                                     const struct pn_sweep_interval *interval);

/*
 * Hands over all addresses of a family in ascending stretches, those in no prefix too.
 * The mapped addresses in IPv6 are among them. False without memory.
 */
bool
pn_sweep(const struct pn_prefixes *list, uint8_t family, pn_sweep_interval_fn take,
         void *payload);

/* The same without what is in the covers: stretches are cut there. */
bool
pn_sweep_open(const struct pn_prefixes *list, uint8_t family,
              const struct pn_intervals *covers, pn_sweep_interval_fn take,
              void *payload);

/*
 * The same of a group, zone by zone, what is spelt included; without what is in the
 * covers, unless they are NULL. A stretch that has no address of its zone is left out.
 */
bool
pn_sweep_group(const struct pn_space *space, uint32_t group, uint8_t family,
               const struct pn_intervals *covers, pn_sweep_interval_fn take,
               void *payload);

/* How many addresses of a stretch lie from first to last; the first of them. */
pn_number
pn_sweep_interval_count(const struct pn_sweep_interval *interval, pn_number first,
                        pn_number last);

bool
pn_sweep_interval_first(const struct pn_sweep_interval *interval, pn_number first,
                        pn_number last, pn_number *out);

/* The first entry of a sorted list, from number `low` on, that begins at or behind an
 * address. */
size_t
pn_prefixes_from(const struct pn_prefixes *list, size_t low, pn_number address);

/* The exact address of a stretch, or NULL. */
const struct pn_prefix *
pn_sweep_interval_exact(const struct pn_sweep_interval *interval);

/*
 * The prefix of a stretch that decides, leaving out `entry` and whatever is of
 * `item`: the longest, and of equals the first that was written. NULL for none.
 */
const struct pn_prefix *
pn_sweep_interval_prefix(const struct pn_sweep_interval *interval,
                         const struct pn_prefix *entry, uint32_t item);

#endif
