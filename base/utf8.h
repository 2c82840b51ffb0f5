/* UTF-8, one character at a time (RFC 3629). */
#ifndef PN_BASE_UTF8_H
#define PN_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The character at the front of `size` > 0 bytes: its length in bytes, with its code
 * in *out; 0 when there is none (overlong, surrogate, beyond U+10FFFF, cut off).
 */
size_t
pn_utf8_decode(const char *bytes, size_t size, uint32_t *out);

/* The offset where the character begins that holds the byte at an offset of a text. */
size_t
pn_utf8_floor(const char *text, size_t at);

/* Writes a code up to U+10FFFF, surrogates too if asked, at `at`; the length, 1 to 4.
 */
size_t
pn_utf8_encode(uint32_t code, char *at);

#endif
