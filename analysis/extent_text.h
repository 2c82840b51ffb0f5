/* Ranges of addresses as people read them. */
#ifndef PN_ANALYSIS_EXTENT_TEXT_H
#define PN_ANALYSIS_EXTENT_TEXT_H

#include "base/buffer.h"
#include "compiler/regions.h"

/* "10.0.0.0/8", "192.0.2.4-192.0.2.9" or "192.0.2.1". */
void
pn_extent_write(struct pn_buffer *out, const struct pn_extent *extent);

/* How its addresses are told from others of the range: " written fe80::...", or nothing
 * when it holds all of them. `zeros` are the sets that the extent points into. */
void
pn_extent_write_zeros(struct pn_buffer *out, const struct pn_intern *zeros,
                      const struct pn_extent *extent);

#endif
