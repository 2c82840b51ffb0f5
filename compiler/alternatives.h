/* Likely alternatives for a word that is no target. */
#ifndef PN_COMPILER_ALTERNATIVES_H
#define PN_COMPILER_ALTERNATIVES_H

#include "base/buffer.h"
#include "base/diagnostic.h"

/*
 * Writes the alternative readings of a faulty word into `out`, at most
 * PN_DIAG_FIXES_MAX. `id` is its diagnostic. Returns how many; buffers remember failed
 * allocations.
 */
size_t
pn_target_alternatives(enum pn_diag_id id, struct pn_str word, struct pn_buffer *out);

#endif
