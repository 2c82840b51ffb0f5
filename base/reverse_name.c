/* From the last part of an address to the first. */
#include "base/reverse_name.h"

#include <stdio.h>

bool
pn_reverse_name(uint8_t family, const uint8_t bytes[16], const char *suffix4,
                const char *suffix6, char *out, size_t size)
{
    static const char hex[] = "0123456789abcdef";
    char nibbles[65];
    int len;

    if (family == 4) {
        len = snprintf(out, size, "%u.%u.%u.%u.%s", bytes[3], bytes[2], bytes[1],
                       bytes[0], suffix4);
        return len > 0 && (size_t)len < size;
    }
    for (size_t i = 0; i < 16; i++) {
        char *at = nibbles + (15 - i) * 4;

        at[0] = hex[bytes[i] & 15];
        at[2] = hex[bytes[i] >> 4];
        at[1] = at[3] = '.';
    }
    nibbles[64] = '\0';
    len = snprintf(out, size, "%s%s", nibbles, suffix6);
    return len > 0 && (size_t)len < size;
}
