/*
 * A row for each mistake that has a likely alternative, with the function that finds
 * it.
 */
#include "compiler/alternatives.h"

#include <string.h>

#include "base/sizes.h"
#include "compiler/literal.h"
#include "compiler/masks.h"
#include "compiler/number.h"

typedef size_t (*alternative_fn)(struct pn_str word, struct pn_buffer *out);

static bool
is(struct pn_str word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.ptr, text, word.len) == 0;
}

static size_t
add_dot(struct pn_str word, struct pn_buffer *out)
{
    pn_buffer_add(out, word.ptr, word.len);
    pn_buffer_add(out, ".", 1);
    return 1;
}

/* Can a reversed name end so? No top-level domain is a single letter or a number. */
static bool
is_host_end(struct pn_str word)
{
    size_t start = word.len;

    while (start && word.ptr[start - 1] != '.')
        start--;
    return word.len - start > 1 && (word.ptr[start] < '0' || word.ptr[start] > '9');
}

/* Is it called as files of lists are, which end in no top-level domain? */
static bool
is_list_file(struct pn_str word)
{
    static const char *const ends[] = { ".txt",   ".list", ".lst",  ".netset",
                                        ".ipset", ".cidr", ".zone", ".csv" };

    for (size_t i = 0; i < PN_COUNT_OF(ends); i++) {
        size_t size = strlen(ends[i]);

        if (word.len > size && is(pn_str_from(word, word.len - size), ends[i]))
            return true;
    }
    return false;
}

static size_t
add_equals(struct pn_str word, struct pn_buffer *out)
{
    if (is_list_file(word)) {
        pn_buffer_add_text(out, "file \"");
        pn_buffer_add_str(out, word);
        pn_buffer_add_text(out, "\"");
        return 1;
    }
    if (!is_host_end(word))
        return 0;
    pn_buffer_add(out, "=", 1);
    pn_buffer_add(out, word.ptr, word.len);
    return 1;
}

static size_t
translate(struct pn_str word, struct pn_buffer *out)
{
    struct pn_str front;

    if (pn_literal_wildcard(word, &front))
        pn_buffer_add(out, front.ptr, front.len);
    else if (pn_literal_anything(word))
        pn_buffer_add_text(out, "*");
    else if (word.len > 2 && word.ptr[0] == '*' && word.ptr[1] == '.')
        return add_equals((struct pn_str){ word.ptr + 1, word.len - 1 }, out);
    return out->size ? 1 : 0;
}

/* The address alone, or its prefix. */
static size_t
clear_bits(struct pn_str word, struct pn_buffer *out)
{
    const char *slash = memchr(word.ptr, '/', word.len);
    struct pn_str text = word;
    struct postern_addr addr;
    char masked[POSTERN_ADDR_TEXT_SIZE];
    unsigned length = 0;

    if (!slash)
        return 0;
    text.len = (size_t)(slash - word.ptr);
    for (const char *at = slash + 1; at < word.ptr + word.len; at++)
        length = length * 10 + (unsigned)(*at - '0');
    pn_buffer_add(&out[0], text.ptr, text.len);
    if (text.len > 1 && text.ptr[0] == '[')
        text = (struct pn_str){ text.ptr + 1, text.len - 2 };
    if (!postern_addr_parse(text.ptr, text.len, &addr))
        return 1;
    if (addr.family == 4 && memchr(text.ptr, ':', text.len))
        length -= 96; /* a mapped one */
    addr = pn_number_address(pn_number_from(&addr) & ~pn_host_mask(addr.family, length),
                             addr.family);
    postern_addr_print(&addr, masked);
    pn_buffer_add_format(&out[1], "%s/%u", masked, length);
    return 2;
}

/* Octets without leading zeros, or read as octal numbers. */
static bool
octets(struct pn_str word, bool octal, struct pn_buffer *out)
{
    for (size_t i = 0; i < word.len;) {
        size_t digits = 0;
        unsigned value = 0, base;

        while (i + digits < word.len && word.ptr[i + digits] >= '0' &&
               word.ptr[i + digits] <= '9')
            digits++;
        base = octal && digits > 1 && word.ptr[i] == '0' ? 8 : 10;
        for (size_t k = 0; k < digits; k++) {
            unsigned digit = (unsigned)(word.ptr[i + k] - '0');

            if (digit >= base || value > 255)
                return false;
            value = value * base + digit;
        }
        if (value > 255)
            return false;
        if (digits)
            pn_buffer_add_format(out, "%u", value);
        i += digits;
        if (i < word.len && word.ptr[i] == '/') { /* a length is no octet */
            pn_buffer_add(out, word.ptr + i, word.len - i);
            return true;
        }
        if (i < word.len)
            pn_buffer_add(out, &word.ptr[i++], 1);
    }
    return true;
}

static bool
is_equal(const struct pn_buffer *a, const struct pn_buffer *b)
{
    return a->size == b->size && a->bytes && b->bytes &&
           memcmp(a->bytes, b->bytes, a->size) == 0;
}

static size_t
drop_zeros(struct pn_str word, struct pn_buffer *out)
{
    if (!octets(word, false, &out[0]))
        return 0;
    return octets(word, true, &out[1]) && !is_equal(&out[0], &out[1]) ? 2 : 1;
}

/* 1.2.3.4. without its last dot. */
static size_t
drop_dot(struct pn_str word, struct pn_buffer *out)
{
    struct postern_addr addr;

    if (!word.len || word.ptr[word.len - 1] != '.' ||
        !postern_addr_parse(word.ptr, word.len - 1, &addr))
        return 0;
    pn_buffer_add(out, word.ptr, word.len - 1);
    return 1;
}

static size_t
turn_round(struct pn_str word, struct pn_buffer *out)
{
    const char *dash = memchr(word.ptr, '-', word.len), *start;
    struct postern_addr first;
    struct pn_str last;

    if (!dash || !postern_addr_parse(word.ptr, (size_t)(dash - word.ptr), &first))
        return 0;
    last = pn_str_from(word, (size_t)(dash + 1 - word.ptr));
    start = dash; /* in 1.2.3.9-2 the numbers of the last octet alone are turned */
    if (!memchr(last.ptr, '.', last.len) && !memchr(last.ptr, ':', last.len))
        while (start > word.ptr && start[-1] != '.')
            start--;
    else
        start = word.ptr;
    pn_buffer_add(out, word.ptr, (size_t)(start - word.ptr));
    pn_buffer_add_str(out, last);
    pn_buffer_add(out, "-", 1);
    pn_buffer_add(out, start, (size_t)(dash - start));
    return 1;
}

/* A-B without the length behind either. */
static size_t
drop_lengths(struct pn_str word, struct pn_buffer *out)
{
    struct pn_str last = word, first = pn_str_cut(&last, '-');

    pn_buffer_add_str(out, pn_str_cut(&first, '/'));
    pn_buffer_add_text(out, "-");
    pn_buffer_add_str(out, pn_str_cut(&last, '/'));
    return 1;
}

static const struct {
    enum pn_diag_id id;
    alternative_fn alternative;
} mistakes[] = {
    { PN_DIAG_MISSING_DOT, add_dot },       { PN_DIAG_MISSING_EQUALS, add_equals },
    { PN_DIAG_FOREIGN_PATTERN, translate }, { PN_DIAG_HOST_BITS, clear_bits },
    { PN_DIAG_LEADING_ZERO, drop_zeros },   { PN_DIAG_BAD_TARGET, drop_dot },
    { PN_DIAG_REVERSED_RANGE, turn_round }, { PN_DIAG_BAD_LENGTH, pn_mask_fix },
    { PN_DIAG_RANGE_LENGTH, drop_lengths },
};

size_t
pn_target_alternatives(enum pn_diag_id id, struct pn_str word, struct pn_buffer *out)
{
    const char *at = memchr(word.ptr, '@', word.len);
    size_t front = at && word.ptr[0] != '"' ? (size_t)(at + 1 - word.ptr) : 0;
    struct pn_buffer tails[PN_DIAG_FIXES_MAX] = { { 0 } };
    size_t count = 0;

    for (size_t i = 0; i < PN_COUNT_OF(mistakes); i++)
        if (mistakes[i].id == id)
            count = mistakes[i].alternative(
                (struct pn_str){ word.ptr + front, word.len - front }, tails);
    for (size_t i = 0; i < PN_DIAG_FIXES_MAX; i++) {
        if (i < count) {
            pn_buffer_add(&out[i], word.ptr, front);
            pn_buffer_add(&out[i], tails[i].bytes, tails[i].size);
            out[i].failed |= tails[i].failed;
        }
        pn_buffer_free(&tails[i]);
    }
    return count;
}
