/* The index of a group's addresses, as a native image has it. */
#ifndef PN_COMPILER_EMIT_INDEX_H
#define PN_COMPILER_EMIT_INDEX_H

#include "base/buffer.h"
#include "compiler/space.h"

/* Numbers of the value: appended, or in the place of one. The buffer remembers
 * failures. */
void
pn_index_add_number(struct pn_buffer *value, uint32_t number);

void
pn_index_set_number(struct pn_buffer *value, size_t at, uint32_t number);

/* Data of every look-up must not cross a cache line: what comes next is aligned. */
void
pn_index_align(struct pn_buffer *value);

/*
 * Appends table and pieces, and fills the index row that stands at `row`. Entries that
 * are new go into `entries`, which are those of the image.
 */
void
pn_index_emit(struct pn_buffer *value, struct pn_intern *entries,
              const struct pn_pieces *pieces, uint8_t family, size_t row);

#endif
