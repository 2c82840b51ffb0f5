/* Names under which addresses are looked up. */
#ifndef PN_BASE_REVERSE_NAME_H
#define PN_BASE_REVERSE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * d.c.b.a followed by `suffix4`, or the nibbles of an IPv6 address (family 6) followed
 * by `suffix6`, "in-addr.arpa" and "ip6.arpa" for names. False when it does not fit.
 */
bool
pn_reverse_name(uint8_t family, const uint8_t bytes[16], const char *suffix4,
                const char *suffix6, char *out, size_t size);

#endif
