/* Special-purpose addresses, by the registries of IANA (RFC 6890). */
#include "compiler/unicast.h"

#include <stddef.h>

#include "base/sizes.h"

/* What is not global unicast, by registries of IANA; ascending. */
static const struct {
    uint32_t first, last;
} special4[] = {
    { 0x00000000, 0x00ffffff }, { 0x0a000000, 0x0affffff }, { 0x64400000, 0x647fffff },
    { 0x7f000000, 0x7fffffff }, { 0xa9fe0000, 0xa9feffff }, { 0xac100000, 0xac1fffff },
    { 0xc0000000, 0xc00000ff }, { 0xc0000200, 0xc00002ff }, { 0xc0586300, 0xc05863ff },
    { 0xc0a80000, 0xc0a8ffff }, { 0xc6120000, 0xc613ffff }, { 0xc6336400, 0xc63364ff },
    { 0xcb007100, 0xcb0071ff }, { 0xe0000000, 0xffffffff },
};

#define GLOBAL6_FIRST ((pn_number)0x2000 << 112)
#define GLOBAL6_LAST (((pn_number)0x4000 << 112) - 1)
#define SPECIAL6_FIRST ((pn_number)0x2001 << 112) /* 2001::/23 */
#define SPECIAL6_LAST (SPECIAL6_FIRST | (((pn_number)1 << 105) - 1))
#define EXAMPLE6_FIRST ((pn_number)0x20010db8 << 96) /* 2001:db8::/32 */
#define EXAMPLE6_LAST (EXAMPLE6_FIRST | (((pn_number)1 << 96) - 1))

bool
pn_first_global_unicast(uint8_t family, pn_number last, pn_number *at)
{
    if (family == 4) {
        for (size_t i = 0; i < PN_COUNT_OF(special4) && *at >= special4[i].first; i++)
            if (*at <= special4[i].last)
                *at = (pn_number)special4[i].last + 1;
        return *at <= last;
    }
    if (*at < GLOBAL6_FIRST)
        *at = GLOBAL6_FIRST;
    if (*at >= SPECIAL6_FIRST && *at <= SPECIAL6_LAST)
        *at = SPECIAL6_LAST + 1;
    if (*at >= EXAMPLE6_FIRST && *at <= EXAMPLE6_LAST)
        *at = EXAMPLE6_LAST + 1;
    return *at <= GLOBAL6_LAST && *at <= last;
}

pn_number
pn_example_address(uint8_t family, pn_number at, pn_number last)
{
    pn_number mask = family == 4 ? 0xff : 0xffff;

    return !(at & mask) && at < last ? at + 1 : at;
}
