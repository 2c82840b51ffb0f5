/* Octet ranges of the classic dialect. */
#include "compiler/expand.h"

#include <string.h>

enum { OCTET_MAX = 255, DIGITS_MAX = 3 };

/*
 * A bound: digits to its end, in arithmetic that wraps. Its end may be a NUL, and what
 * follows one is not looked at, as in the original.
 */
static bool
scan(struct pn_str text, unsigned long long *out)
{
    *out = 0;
    for (size_t at = 0; at < text.len && text.ptr[at]; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9')
            return false;
        *out = *out * 10 + (unsigned long long)(text.ptr[at] - '0');
    }
    return true;
}

static struct pn_str
slice(struct pn_str text, size_t from, size_t to)
{
    return (struct pn_str){ text.ptr + from, to - from };
}

static bool
expand_range(struct pn_str address, size_t dash, struct pn_expansion *out)
{
    size_t left = dash, right = dash + 1;
    unsigned long long low, high;

    while (left > 0 && address.ptr[left - 1] != '.')
        left--;
    while (right < address.len && address.ptr[right] != '.')
        right++;
    if (!scan(slice(address, left, dash), &low) ||
        !scan(slice(address, dash + 1, right), &high))
        return false;
    *out = (struct pn_expansion){
        .front = slice(address, 0, left),
        .back = slice(address, right, address.len),
        .low = low,
        .high = high > OCTET_MAX ? OCTET_MAX : high,
        .ranged = true,
    };
    return true;
}

bool
pn_expand(struct pn_str address, struct pn_expansion *out)
{
    const char *dash = memchr(address.ptr, '-', address.len);

    if (dash && !memchr(address.ptr, '=', address.len) &&
        !memchr(address.ptr, '@', address.len))
        return expand_range(address, (size_t)(dash - address.ptr), out);
    *out = (struct pn_expansion){ .front = address };
    return true;
}

size_t
pn_expansion_count(const struct pn_expansion *expansion)
{
    if (!expansion->ranged)
        return 1;
    if (expansion->low > expansion->high)
        return 0;
    return (size_t)(expansion->high - expansion->low) + 1;
}

size_t
pn_expansion_size(const struct pn_expansion *expansion)
{
    return expansion->front.len + expansion->back.len +
           (expansion->ranged ? DIGITS_MAX : 0);
}

static char *
put_octet(char *at, unsigned number)
{
    if (number >= 100)
        *at++ = (char)('0' + number / 100);
    if (number >= 10)
        *at++ = (char)('0' + number / 10 % 10);
    *at++ = (char)('0' + number % 10);
    return at;
}

size_t
pn_expansion_key(const struct pn_expansion *expansion, size_t index, char *key)
{
    char *at = key + expansion->front.len;

    memcpy(key, expansion->front.ptr, expansion->front.len);
    if (expansion->ranged)
        at = put_octet(at, (unsigned)(expansion->low + index));
    if (expansion->back.len)
        memcpy(at, expansion->back.ptr, expansion->back.len);
    return (size_t)(at - key) + expansion->back.len;
}
