/* Classes of bytes, in ASCII whatever the locale. */
#ifndef PN_BASE_ASCII_H
#define PN_BASE_ASCII_H

#include <stdbool.h>

static inline bool
pn_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
pn_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The lower case of a capital letter; every other byte unchanged. */
static inline char
pn_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The upper case of a small letter; every other byte unchanged. */
static inline char
pn_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

/* The value of a hexadecimal digit, small or capital; -1 for any other byte. */
static inline int
pn_hex_value(char c)
{
    if (pn_is_digit(c))
        return c - '0';
    c = pn_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
