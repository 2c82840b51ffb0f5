/* Tables of facts: variables that make programs load code, and address ranges. */
#ifndef PN_ANALYSIS_LINT_TABLES_H
#define PN_ANALYSIS_LINT_TABLES_H

#include "base/source.h"
#include "compiler/number.h"

/*
 * Can this variable make a program run other code: of the dynamic loader, a shell, an
 * interpreter, the resolver or git?
 */
bool
pn_name_is_loader(struct pn_str name);

/* Range number `index` of those that no client can have an address of; false at the
 * end. Private and example networks are not among them. */
bool
pn_unroutable(size_t index, uint8_t *family, pn_number *first, pn_number *last);

/* Is it inside one of those ranges? */
bool
pn_range_is_unroutable(uint8_t family, pn_number first, pn_number last);

/*
 * The year since which an IPv4 block has been in use that old lists of free blocks
 * still have (IANA IPv4 Address Space Registry); 0 for all others.
 */
unsigned
pn_range_used_since(pn_number first, pn_number last);

#endif
