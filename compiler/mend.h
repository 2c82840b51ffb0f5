/* What was meant by a word that is no target: the readings that are likely. */
#ifndef PN_COMPILER_MEND_H
#define PN_COMPILER_MEND_H

#include "base/buffer.h"
#include "base/diagnostic.h"

/*
 * Puts the readings of a word, of which `id` was told, into `out`: at most
 * PN_DIAG_FIXES_MAX of them. Returns how many; buffers remember failed allocations.
 */
size_t
pn_mend_target(enum pn_diag_id id, struct pn_str word, struct pn_buffer *out);

#endif
