/* Addresses as text and as bytes. */
#include <arpa/inet.h>
#include <string.h>

#include "postern/types.h"

enum { GROUPS = 8 };

static bool
is_mapped(const uint8_t *bytes)
{
    static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

    return memcmp(bytes, prefix, sizeof(prefix)) == 0;
}

/*
 * Four numbers below 256 without leading zeros, as inet_pton(3) reads them, but faster:
 * it is called for each line of a log.
 */
static bool
parse_v4(const char *text, size_t len, uint8_t *bytes)
{
    const char *at = text, *end;

    if (len < sizeof("0.0.0.0") - 1)
        return false;
    end = text + len;
    for (int i = 0; i < 4; i++) {
        const char *start;
        unsigned number = 0;

        if (i && (at == end || *at++ != '.'))
            return false;
        for (start = at; at < end && *at >= '0' && *at <= '9' && at - start < 3; at++)
            number = number * 10 + (unsigned)(*at - '0');
        if (at == start || number > 255 || (*start == '0' && at - start > 1))
            return false;
        bytes[i] = (uint8_t)number;
    }
    return at == end;
}

bool
postern_addr_parse(const char *text, size_t len, struct postern_addr *out)
{
    char copy[POSTERN_ADDR_TEXT_SIZE];
    struct postern_addr addr = { 0 };

    if (parse_v4(text, len, addr.bytes)) {
        addr.family = 4;
        *out = addr;
        return true;
    }
    if (len >= sizeof(copy) || memchr(text, '\0', len))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET6, copy, addr.bytes) != 1)
        return false;
    addr.family = 6;
    if (is_mapped(addr.bytes)) {
        addr.family = 4;
        memcpy(addr.bytes, addr.bytes + 12, 4);
        memset(addr.bytes + 4, 0, sizeof(addr.bytes) - 4);
    }
    *out = addr;
    return true;
}

/* The longest run of at least so many zero groups, the first of equals; RFC 5952, 4.2,
 * has two as the least. */
static void
zero_run(const unsigned *groups, int least, int *start, int *length)
{
    *start = -1;
    *length = least - 1;
    for (int i = 0; i < GROUPS; i++) {
        int j = i;

        while (j < GROUPS && !groups[j])
            j++;
        if (j - i > *length) {
            *start = i;
            *length = j - i;
        }
        if (j > i)
            i = j;
    }
}

/* No stdio here: a decision prints addresses, and must not lock or allocate. */
static char *
put_hex(char *at, unsigned number)
{
    static const char digits[] = "0123456789abcdef";
    char reversed[8];
    size_t count = 0;

    do
        reversed[count++] = digits[number % 16];
    while (number /= 16);
    while (count)
        *at++ = reversed[--count];
    return at;
}

static size_t
print_v4(const uint8_t *bytes, char *text)
{
    char *at = text;

    for (int i = 0; i < 4; i++) {
        if (i)
            *at++ = '.';
        if (bytes[i] >= 100)
            *at++ = (char)('0' + bytes[i] / 100);
        if (bytes[i] >= 10)
            *at++ = (char)('0' + bytes[i] / 10 % 10);
        *at++ = (char)('0' + bytes[i] % 10);
    }
    *at = '\0';
    return (size_t)(at - text);
}

static size_t
print_v6(const uint8_t *bytes, int least_run, char *text)
{
    unsigned groups[GROUPS];
    int start, length;
    char *at = text;

    for (size_t i = 0; i < GROUPS; i++)
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    zero_run(groups, least_run, &start, &length);
    for (int i = 0; i < GROUPS; i++) {
        if (i == start) {
            *at++ = ':';
            *at++ = ':';
            i += length - 1;
            continue;
        }
        if (at > text && at[-1] != ':')
            *at++ = ':';
        at = put_hex(at, groups[i]);
    }
    *at = '\0';
    return (size_t)(at - text);
}

static size_t
print(const struct postern_addr *addr, int least_run, char *text)
{
    if (addr->family == 6)
        return print_v6(addr->bytes, least_run, text);
    if (addr->family == 4)
        return print_v4(addr->bytes, text);
    *text = '\0';
    return 0;
}

size_t
postern_addr_print(const struct postern_addr *addr, char *text)
{
    return print(addr, 2, text);
}

size_t
postern_addr_spell(const struct postern_addr *addr, char *text)
{
    return print(addr, 1, text);
}
