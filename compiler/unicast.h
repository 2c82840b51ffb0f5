/* Addresses that a person would choose for an example. */
#ifndef PN_COMPILER_UNICAST_H
#define PN_COMPILER_UNICAST_H

#include <stdbool.h>

#include "compiler/number.h"

/*
 * Moves *at to the first global unicast address at or above it; false when there is
 * none up to `last`.
 */
bool
pn_first_global_unicast(uint8_t family, pn_number last, pn_number *at);

/* People do not use the first address of a network: the one behind it, up to `last`. */
pn_number
pn_example_address(uint8_t family, pn_number at, pn_number last);

#endif
