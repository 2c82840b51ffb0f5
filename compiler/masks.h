/* Prefixes that are meant by an address and a mask. */
#ifndef PN_COMPILER_MASKS_H
#define PN_COMPILER_MASKS_H

#include "base/buffer.h"
#include "compiler/number.h"

/* "10.0.0.0/8": the prefix of this length that an address is in. */
void
pn_prefix_write_of(struct pn_buffer *out, pn_number address, uint8_t family,
                   unsigned length);

/*
 * The readings of ADDRESS/MASK, each into a buffer of its own, of which there are two;
 * returns how many. A mask with bits of the address beyond it has two, one that is
 * turned round has one.
 */
size_t
pn_mask_fix(struct pn_str at, struct pn_buffer *out);

#endif
