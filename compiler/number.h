/* Addresses as numbers, wide enough for both families. */
#ifndef PN_COMPILER_NUMBER_H
#define PN_COMPILER_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler/groups.h"
#include "postern/types.h"

__extension__ typedef unsigned __int128 pn_number;

/* Arrays by family are indexed by pn_family_index(): IPv4 first. */
enum { PN_V4, PN_V6, PN_FAMILIES };

static inline unsigned
pn_family_index(uint8_t family)
{
    return family == 6 ? PN_V6 : PN_V4;
}

static inline uint8_t
pn_family_at(unsigned index)
{
    return index == PN_V6 ? 6 : 4;
}

static inline unsigned
pn_family_bits(uint8_t family)
{
    return family == 6 ? PN_ZERO_GROUPS * PN_GROUP_BITS : 32;
}

static inline pn_number
pn_number_from(const struct postern_addr *addr)
{
    pn_number number = 0;

    for (unsigned i = 0; i < pn_family_bits(addr->family) / 8; i++)
        number = number << 8 | addr->bytes[i];
    return number;
}

static inline struct postern_addr
pn_number_address(pn_number number, uint8_t family)
{
    struct postern_addr addr = { .family = family };
    unsigned width = pn_family_bits(family) / 8;

    for (unsigned i = 0; i < width; i++)
        addr.bytes[i] = (uint8_t)(number >> 8 * (width - 1 - i));
    return addr;
}

/* The bits of an address of this family behind the first `length`. */
static inline pn_number
pn_host_mask(uint8_t family, unsigned length)
{
    unsigned bits = pn_family_bits(family) - length;

    return bits == 128 ? ~(pn_number)0 : ((pn_number)1 << bits) - 1;
}

/* ::ffff:0:0/96: those addresses are asked for as IPv4. */
#define PN_MAPPED_FIRST ((pn_number)0xffff << 32)
#define PN_MAPPED_LAST (PN_MAPPED_FIRST | UINT32_MAX)

static inline bool
pn_number_is_mapped(pn_number address)
{
    return address >= PN_MAPPED_FIRST && address <= PN_MAPPED_LAST;
}

#endif
