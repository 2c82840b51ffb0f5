/* Amounts as other tools write them. */
#ifndef PN_COMPILER_AMOUNTS_H
#define PN_COMPILER_AMOUNTS_H

#include "base/buffer.h"
#include "grammar/tree.h"

/*
 * What is likely meant by an amount that is none of its term: 10/minute, 31.12.2027.
 * Appended to `out`; false when nothing is likely.
 */
bool
pn_amount_meant(enum pn_term term, struct pn_str text, struct pn_buffer *out);

/* Likewise of the lengths behind per: 24 for /24. */
bool
pn_amount_per_meant(struct pn_str text, struct pn_buffer *out);

#endif
