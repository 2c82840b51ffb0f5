/* SHA-256 (FIPS 180-4): which bytes a file had, for those who keep it by that name. */
#ifndef PN_BASE_SHA256_H
#define PN_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { PN_SHA256_SIZE = 32 };

/* The digest of some bytes. Nothing is allocated; `bytes` may be NULL if size is 0. */
void
pn_sha256(const void *bytes, size_t size, uint8_t digest[PN_SHA256_SIZE]);

#endif
