/* Dates, and the digits that they are of. */
#ifndef PN_COMPILER_DATES_H
#define PN_COMPILER_DATES_H

#include <stdint.h>

#include "base/str.h"

/* All of the text as a number of at most `max`; false when it is none. */
bool
pn_digits_read(struct pn_str text, uint32_t max, uint32_t *out);

/* A date as the number YYYYMMDD; 0 when it is none. */
uint32_t
pn_date_read(struct pn_str text);

#endif
