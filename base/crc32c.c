/* Bit by bit: what is checked is short. */
#include "base/crc32c.h"

uint32_t
pn_crc32c(uint32_t crc, const uint8_t *bytes, size_t size)
{
    const uint32_t polynomial = 0x82f63b78; /* Castagnoli's, its lowest bit first */

    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
    }
    return ~crc;
}
