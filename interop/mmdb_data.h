/* The data section of a MaxMind DB: values as the format has them, one behind another.
 */
#ifndef PN_INTEROP_MMDB_DATA_H
#define PN_INTEROP_MMDB_DATA_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/str.h"

/* Each appends a value; of a map or an array its pairs or elements follow. */
void
pn_mmdb_map(struct pn_buffer *out, size_t pairs);

void
pn_mmdb_array(struct pn_buffer *out, size_t elements);

/* A text; what is no UTF-8 is of type bytes. */
void
pn_mmdb_text(struct pn_buffer *out, struct pn_str text);

void
pn_mmdb_word(struct pn_buffer *out, const char *text);

void
pn_mmdb_true(struct pn_buffer *out);

void
pn_mmdb_number16(struct pn_buffer *out, unsigned number);

void
pn_mmdb_number32(struct pn_buffer *out, uint32_t number);

void
pn_mmdb_number64(struct pn_buffer *out, uint64_t number);

#endif
