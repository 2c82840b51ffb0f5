/* CRC32C, the checksum of RFC 3720, appendix B.4. Pure. */
#ifndef PN_BASE_CRC32C_H
#define PN_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from `crc`, the value of the bytes before; 0 at the beginning. */
uint32_t
pn_crc32c(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
