/* What the checks know of the world: variables that load code, and networks. */
#ifndef PN_ANALYSIS_LINT_TABLES_H
#define PN_ANALYSIS_LINT_TABLES_H

#include "base/source.h"
#include "compiler/number.h"

/* Does the dynamic loader, a shell or an interpreter load code by this variable? */
bool
pn_name_is_loader(struct pn_str name);

/* The range number `index` that no client can have an address of; false when there are
 * not so many. Private and example networks are not meant. */
bool
pn_unroutable(size_t index, uint8_t *family, pn_number *first, pn_number *last);

/* Can no client have an address of these? Private and example networks are not meant.
 */
bool
pn_range_is_unroutable(uint8_t family, pn_number first, pn_number last);

/*
 * The year since which an IPv4 block is in use that old lists of free blocks hold (IANA
 * IPv4 Address Space Registry); 0 for all others.
 */
unsigned
pn_range_used_since(pn_number first, pn_number last);

#endif
