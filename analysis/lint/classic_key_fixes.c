/* For each fault there is a function that knows what else the author may have written.
 * */
#include "analysis/lint/classic_key_fixes.h"

#include <string.h>

#include "analysis/lint/classic_key.h"
#include "base/ascii.h"
#include "base/sizes.h"
#include "compiler/alternatives.h"
#include "compiler/literal.h"
#include "postern/types.h"

enum { OCTETS = 4 };

static void
add(struct pn_buffer *out, struct pn_str text)
{
    pn_buffer_add(out, text.ptr, text.len);
}

/* Two whole addresses that differ in one octet only, and in all that follows it. */
static size_t
address_range(struct pn_str key, struct pn_buffer *out)
{
    const char *dash = memchr(key.ptr, '-', key.len);
    struct postern_addr a, b;
    unsigned at = 0;

    if (!dash || !postern_addr_parse(key.ptr, (size_t)(dash - key.ptr), &a) ||
        !postern_addr_parse(dash + 1, key.len - (size_t)(dash + 1 - key.ptr), &b) ||
        a.family != 4 || b.family != 4)
        return 0;
    while (at < 3 && a.bytes[at] == b.bytes[at])
        at++;
    for (unsigned i = at + 1; i < 4; i++)
        if (a.bytes[i] != 0 || b.bytes[i] != 255)
            return 0;
    if (a.bytes[at] > b.bytes[at])
        return 0;
    for (unsigned i = 0; i < at; i++)
        pn_buffer_add_format(&out[0], "%u.", a.bytes[i]);
    pn_buffer_add_format(&out[0], a.bytes[at] == b.bytes[at] ? "%u" : "%u-%u",
                         a.bytes[at], b.bytes[at]);
    pn_buffer_add_text(&out[0], at == 3 ? "" : ".");
    return 1;
}

static size_t
without_blanks(struct pn_str key, struct pn_buffer *out)
{
    struct pn_buffer range = { 0 };

    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] != ' ' && key.ptr[i] != '\t')
            pn_buffer_add(&out[0], &key.ptr[i], 1);
    if (out[0].size && address_range(pn_str_of(&out[0]), &range)) {
        out[0].size = 0;
        pn_buffer_add(&out[0], range.bytes, range.size);
    }
    out[0].failed |= range.failed;
    pn_buffer_free(&range);
    return 1;
}

static size_t
lower_case(struct pn_str key, struct pn_buffer *out)
{
    const char *sign = memchr(key.ptr, '=', key.len);

    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];

        if (sign && key.ptr + i > sign && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        pn_buffer_add(&out[0], &c, 1);
    }
    return 1;
}

static size_t
without_last(struct pn_str key, struct pn_buffer *out)
{
    add(&out[0], (struct pn_str){ key.ptr, key.len - 1 });
    return 1;
}

static size_t
behind_at(struct pn_str key, struct pn_buffer *out)
{
    const char *at = memchr(key.ptr, '@', key.len);

    if (!at)
        return 0;
    add(&out[0], pn_str_from(key, (size_t)(at + 1 - key.ptr)));
    return 1;
}

/* Reads the octets that are written; the others are 0. 10 and 10.6. are read, too. */
static bool
octets_read(struct pn_str text, uint8_t octets[4])
{
    unsigned count = 0, value = 0, digits = 0;

    memset(octets, 0, 4);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.' && digits && count < 3) {
            count++;
            value = digits = 0;
            continue;
        }
        if (!pn_is_digit(text.ptr[i]) || ++digits > 3)
            return false;
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
        if (value > 255)
            return false;
        octets[count] = (uint8_t)value;
    }
    return text.len > 0 && (digits || count < 4);
}

/* Reads a length, or a mask whose bits are contiguous: 255.255.0.0 is 16. */
static bool
length_read(struct pn_str text, unsigned *out)
{
    uint8_t octets[4];
    uint32_t mask = 0;

    if (!octets_read(text, octets))
        return false;
    if (!pn_str_has(text, '.')) {
        *out = octets[0];
        return *out <= 32;
    }
    for (size_t i = 0; i < 4; i++)
        mask = mask << 8 | octets[i];
    for (*out = 0; *out < 32 && mask & UINT32_C(0x80000000) >> *out; ++*out)
        continue;
    return mask == (*out ? UINT32_MAX << (32 - *out) : 0);
}

/* 2001:db8::/32 becomes 2001:db8: when the length ends a group and no group before it
 * is 0. */
static size_t
group_prefix(struct pn_str key, size_t slash, struct pn_buffer *out)
{
    struct postern_addr addr;
    unsigned length = 0;

    for (size_t i = slash + 1; i < key.len && length < 128 && pn_is_digit(key.ptr[i]);
         i++)
        length = length * 10 + (unsigned)(key.ptr[i] - '0');
    if (!postern_addr_parse(key.ptr, slash, &addr) || addr.family != 6 || !length ||
        length % 16 || length >= 128 ||
        !pn_is_digits_and(pn_str_from(key, slash + 1), ""))
        return 0;
    for (unsigned i = 0; i < length / 8; i += 2) {
        unsigned group = (unsigned)addr.bytes[i] << 8 | addr.bytes[i + 1];

        if (!group)
            return 0;
        pn_buffer_add_format(&out[0], "%x:", group);
    }
    return 1;
}

/* 10.0.0.0/8 becomes 10., and 10.16.0.0/12 becomes 10.16-31. */
static size_t
octet_prefix(struct pn_str key, struct pn_buffer *out)
{
    const char *slash = memchr(key.ptr, '/', key.len);
    unsigned length = 0, whole, more, low, high;
    uint8_t octets[4];

    if (slash && pn_str_has(key, ':'))
        return group_prefix(key, (size_t)(slash - key.ptr), out);
    if (!slash ||
        !octets_read((struct pn_str){ key.ptr, (size_t)(slash - key.ptr) }, octets) ||
        !length_read(pn_str_from(key, (size_t)(slash + 1 - key.ptr)), &length))
        return 0;
    whole = length / 8;
    more = length % 8;
    for (unsigned i = 0; i < whole; i++)
        pn_buffer_add_format(&out[0], "%u%s", octets[i], i == 3 ? "" : ".");
    if (!more)
        return 1;
    low = octets[whole] & (0xff00u >> more) & 0xff;
    high = low | 0xffu >> more;
    pn_buffer_add_format(&out[0], "%u-%u%s", low, high, whole == 3 ? "" : ".");
    return 1;
}

/* The text with which servers look up an address that is written in another way. */
static size_t
as_asked(struct pn_str key, struct pn_buffer *out)
{
    char text[POSTERN_ADDR_TEXT_SIZE];
    struct postern_addr addr;

    if (key.len > 1 && key.ptr[0] == '[' && key.ptr[key.len - 1] == ']')
        key = (struct pn_str){ key.ptr + 1, key.len - 2 };
    if (!postern_addr_parse(key.ptr, key.len, &addr))
        return address_range(key, out);
    postern_addr_spell(&addr, text);
    pn_buffer_add_text(&out[0], text);
    return 1;
}

static size_t
as_word(enum pn_diag_id id, struct pn_str key, struct pn_buffer *out)
{
    return pn_target_alternatives(id, key, out);
}

static size_t
everybody(struct pn_str key, struct pn_buffer *out)
{
    struct pn_str front;

    if (key.len > 3 && pn_str_begins(key, "=*."))
        key = pn_str_from(key, 1);
    if ((pn_str_has(key, '*') && key.len > 1) || pn_literal_wildcard(key, &front))
        return pn_str_has(key, '@') ? 0 : as_word(PN_DIAG_FOREIGN_PATTERN, key, out);
    return 1; /* the empty key */
}

size_t
pn_classic_key_alternatives(enum pn_check check, struct pn_str key,
                            struct pn_buffer *out)
{
    static const struct {
        enum pn_check check;
        size_t (*alternative)(struct pn_str key, struct pn_buffer *out);
    } alternatives[] = {
        { PN_CHECK_SPACE_IN_KEY, without_blanks },
        { PN_CHECK_UPPER_CASE_HOST, lower_case },
        { PN_CHECK_HOST_TRAILING_DOT, without_last },
        { PN_CHECK_DOT_AFTER_ADDRESS, without_last },
        { PN_CHECK_EMPTY_IDENT, behind_at },
        { PN_CHECK_IDENT_PREFIX_IN_CLASSIC, behind_at },
        { PN_CHECK_CIDR_IN_CLASSIC, octet_prefix },
        { PN_CHECK_NEVER_MATCHES, as_asked },
        { PN_CHECK_FOREIGN_PATTERN, everybody },
    };

    for (size_t i = 0; i < PN_COUNT_OF(alternatives); i++)
        if (alternatives[i].check == check)
            return alternatives[i].alternative(key, out);
    if (check == PN_CHECK_MISSING_DOT)
        return as_word(PN_DIAG_MISSING_DOT, key, out);
    if (check == PN_CHECK_MISSING_EQUALS)
        return as_word(PN_DIAG_MISSING_EQUALS, key, out);
    return check == PN_CHECK_LEADING_ZERO ? as_word(PN_DIAG_LEADING_ZERO, key, out) : 0;
}
