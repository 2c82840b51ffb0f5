/* What divides the long runs of an index: enum pn_native_header, FINE. */
#ifndef PN_COMPILER_EMIT_FINE_H
#define PN_COMPILER_EMIT_FINE_H

#include "base/buffer.h"
#include "compiler/pieces.h"

/*
 * For an index that was emitted into `value`, whose row is at `row`: adds roots and
 * nodes for its long runs, if it has any. *at is where they begin, *nodes how many
 * nodes there are, or 0. A failed allocation is remembered in the buffer.
 */
void
pn_fine_emit(struct pn_buffer *value, const struct pn_pieces *pieces, uint8_t family,
             size_t row, uint32_t *at, uint32_t *nodes);

#endif
