/* Numbers as people read them. */
#ifndef PN_COMPILER_NUMBER_TEXT_H
#define PN_COMPILER_NUMBER_TEXT_H

#include "base/buffer.h"
#include "compiler/number.h"

/* The digits of a number, which may be too large for a pn_number. */
void
pn_digits_write(struct pn_buffer *out, struct pn_str digits, const char *group);

/* In digits, with `group` between each three of them. */
void
pn_number_write_grouped(struct pn_buffer *out, pn_number number, const char *group);

/* With a comma between three digits and the next three. */
void
pn_number_write(struct pn_buffer *out, pn_number number);

/*
 * For somebody who reads: a large number as the power of two that it is, with what it
 * is in prefixes of IPv6, "2^80 (one /48)", "3 * 2^80 (3 /48)"; one that is none as
 * "more than 2^80", or "nearly 2^81". Numbers that IPv4 can make are in digits.
 */
void
pn_number_write_people(struct pn_buffer *out, pn_number number);

/*
 * "65,536 addresses": the number of addresses from one to the other, both included.
 * Large numbers are given as powers of two, rounded down.
 */
void
pn_number_write_addresses(struct pn_buffer *out, pn_number first, pn_number last);

/*
 * The share of a part in percent, "12.34 %", rounded; "<0.01 %" and ">99.99 %" of what
 * is neither none nor all of it.
 */
void
pn_share_write(struct pn_buffer *out, pn_number part, pn_number all);

#endif
