/* Ranges of addresses as people read them. */
#ifndef PN_ANALYSIS_EXTENT_TEXT_H
#define PN_ANALYSIS_EXTENT_TEXT_H

#include "base/buffer.h"
#include "compiler/regions.h"

/* "10.0.0.0/8", "192.0.2.4-192.0.2.9" or "192.0.2.1". */
void
pn_extent_write(struct pn_buffer *out, const struct pn_extent *extent);

/* The same of an interval. */
void
pn_interval_write(struct pn_buffer *out, const struct pn_interval *interval,
                  uint8_t family);

/* What distinguishes its addresses from others in the range: " written fe80::...", or
 * nothing when all are meant. `zeros` has the sets that the extent refers to. */
void
pn_extent_write_zeros(struct pn_buffer *out, const struct pn_intern *zeros,
                      const struct pn_extent *extent);

#endif
