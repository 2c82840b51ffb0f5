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

__extension__ typedef unsigned __int128 unsigned_wide;

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Up to eight bytes as a number, the first of them lowest. */
static inline uint64_t
little(const char *bytes, size_t size)
{
    uint64_t number = 0;

    memcpy(&number, bytes, size);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    number = __builtin_bswap64(number);
#endif
    return number;
}

/* 0x80 for each of eight bytes that is a dot, and 0 for the others. */
static inline uint64_t
dots_of(uint64_t bytes)
{
    uint64_t other = bytes ^ EACH_BYTE('.');

    return ~(((other & EACH_BYTE(0x7f)) + EACH_BYTE(0x7f)) | other | EACH_BYTE(0x7f));
}

/* One bit for each of them. */
static inline unsigned
dots_gather(uint64_t dots)
{
    return (unsigned)((dots >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

/* The values of eight digits, those of dots and of what is behind the text 0. */
static inline uint64_t
digits_of(uint64_t bytes, uint64_t dots, uint64_t within)
{
    return (bytes ^ EACH_BYTE('0')) & within & ~((dots << 1) - (dots >> 7));
}

static inline bool
are_digits(uint64_t digits)
{
    return !((digits | (digits + EACH_BYTE(6))) & EACH_BYTE(0xf0));
}

/* A number of `len` digits. */
static inline bool
octet_read(uint32_t digits, size_t len, uint8_t *out)
{
    static const uint8_t least[] = { 0, 0, 10, 100 };
    unsigned number;

    if (len - 1 >= 3)
        return false;
    digits <<=
        8 * (4 - len); /* what stands behind them is gone, and nothing in front */
    number = (digits >> 8 & 0xff) * 100 + (digits >> 16 & 0xff) * 10 + (digits >> 24);
    *out = (uint8_t)number;
    return number >= least[len] && number <= UINT8_MAX;
}

/*
 * Four numbers below 256 without leading zeros, as inet_pton(3) reads them. It is
 * called for each line of a log, and how long the numbers are is anybody's guess: so
 * all bytes are looked at together.
 */
static bool
parse_v4(const char *text, size_t len, uint8_t *bytes)
{
    enum { SHORTEST = 7, LONGEST = 15, HALF = 8 };
    uint64_t low, high = 0, within = 0, low_dots, high_dots;
    unsigned_wide digits;
    size_t start = 0;
    unsigned dots;

    if (len < SHORTEST || len > LONGEST)
        return false;
    low = little(text, len < HALF ? SHORTEST : HALF);
    if (len >
        HALF) { /* read with bytes of the first half in front, as none are behind */
        high = little(text + len - HALF, HALF) >> 8 * (2 * HALF - len);
        within = UINT64_MAX >> 8 * (2 * HALF - len);
    }
    low_dots = dots_of(low);
    high_dots = dots_of(high);
    low = digits_of(low, low_dots, len < HALF ? UINT64_MAX >> 8 : UINT64_MAX);
    high = digits_of(high, high_dots, within);
    if (!are_digits(low) || !are_digits(high))
        return false;
    digits = (unsigned_wide)high << 64 | low;
    /* the end of the text ends a number too */
    dots = dots_gather(low_dots) | dots_gather(high_dots) << HALF | 1u << len;
    for (size_t i = 0; i < 4; i++) {
        size_t end;

        if (!dots)
            return false;
        end = (size_t)__builtin_ctz(dots);
        if (!octet_read((uint32_t)(digits >> 8 * start), end - start, &bytes[i]))
            return false;
        dots &= dots - 1;
        start = end + 1;
    }
    return !dots;
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
