/* Names as servers spell them: by their bytes in a message (RFC 1035, section 3.1). */
#include "compiler/classic_asks.h"

#include <stdint.h>
#include <string.h>

enum { LABEL_MOST = 63, WIRE_MOST = 255, ESCAPE = 4, IDENT_MOST = 257 };

/* A byte that is written as itself. */
static bool
is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool
is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The length of the text of one byte of a label; 0 when no server writes it so. */
static size_t
byte_size(const char *at, size_t left)
{
    unsigned value;

    if (is_plain((unsigned char)*at))
        return 1;
    if (*at != '\\' || left < ESCAPE || at[1] > '3' || !is_octal(at[1]) ||
        !is_octal(at[2]) || !is_octal(at[3]))
        return 0;
    value = (unsigned)(at[1] - '0') * 64 + (unsigned)(at[2] - '0') * 8 +
            (unsigned)(at[3] - '0');
    if (is_plain((unsigned char)value) || (value >= 'A' && value <= 'Z'))
        return 0; /* it would be written as itself */
    return ESCAPE;
}

bool
pn_host_is_asked(struct pn_str name)
{
    size_t label = 0, wire = 1, at = 0;

    if (name.len == 1 && name.ptr[0] == '.')
        return true;
    if (name.len && name.ptr[0] == '.') { /* what stands before it has a byte */
        at = 1;
        wire += 2;
    }
    while (at < name.len) {
        size_t size = 1;

        if (name.ptr[at] == '.') {
            if (!label)
                return false;
            wire += label + 1;
            label = 0;
        } else {
            size = byte_size(name.ptr + at, name.len - at);
            if (!size || ++label > LABEL_MOST)
                return false;
        }
        at += size;
    }
    return label && wire + label + 1 <= WIRE_MOST;
}

bool
pn_ident_is_asked(struct pn_str ident)
{
    if (ident.len > IDENT_MOST)
        return false;
    for (size_t i = 0; i < ident.len; i++)
        if (!ident.ptr[i] || strchr(" \t\r\n", ident.ptr[i]))
            return false;
    return true;
}
