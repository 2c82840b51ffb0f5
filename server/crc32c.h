/* The checksum of RFC 3720, appendix B.4, that a PROXY header may carry. Pure. */
#ifndef SRV_CRC32C_H
#define SRV_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from `crc`, the value of the bytes before; 0 at the beginning. */
uint32_t
srv_crc32c(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
