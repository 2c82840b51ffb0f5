/* Fixes for faulty lines: a row for each fault that has one. */
#include "compiler/list_fixes.h"

#include <string.h>

#include "base/sizes.h"
#include "compiler/alternatives.h"
#include "compiler/list_faults.h"
#include "compiler/masks.h"

enum { PORT_DIGITS = 5, OCTETS = 4, GROUPS = 8, GROUP_BITS = 16 };

static struct pn_str
unbox(struct pn_str text)
{
    if (text.len > 1 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
        return (struct pn_str){ text.ptr + 1, text.len - 2 };
    return text;
}

static void
add(struct pn_buffer *out, struct pn_str text)
{
    pn_buffer_add(out, text.ptr, text.len);
}

struct pn_str
pn_list_port_cut(struct pn_str word)
{
    struct pn_str address = word;
    struct postern_addr addr;
    size_t digits = 0;

    while (address.len && address.ptr[address.len - 1] >= '0' &&
           address.ptr[address.len - 1] <= '9') {
        address.len--;
        digits++;
    }
    if (!digits || digits > PORT_DIGITS || address.len < 2 ||
        address.ptr[--address.len] != ':' || !pn_list_address_read(address, &addr) ||
        (addr.family == 6 && *address.ptr != '['))
        return (struct pn_str){ word.ptr, 0 };
    return unbox(address);
}

struct pn_str
pn_list_zone_cut(struct pn_str word)
{
    const char *percent = memchr(word.ptr, '%', word.len);
    struct pn_str address = word;
    struct postern_addr addr;

    address.len = percent ? (size_t)(percent - word.ptr) : 0;
    if (address.len && *address.ptr == '[') {
        address.ptr++;
        address.len--;
    }
    if (!address.len || !postern_addr_parse(address.ptr, address.len, &addr))
        address.len = 0;
    return address;
}

static size_t
without_port(struct pn_str at, struct pn_buffer *out)
{
    add(out, pn_list_port_cut(at));
    return 1;
}

static size_t
without_zone(struct pn_str at, struct pn_buffer *out)
{
    const char *slash = memchr(at.ptr, '/', at.len);

    add(out, pn_list_zone_cut(at));
    if (slash)
        add(out, (struct pn_str){ slash, (size_t)(at.ptr + at.len - slash) });
    return 1;
}

static size_t
without_zeros(struct pn_str at, struct pn_buffer *out)
{
    return pn_target_alternatives(PN_DIAG_LEADING_ZERO, at, out);
}

static size_t
turned_round(struct pn_str at, struct pn_buffer *out)
{
    const char *dash = memchr(at.ptr, '-', at.len);
    struct pn_str first, last;

    if (!dash)
        return 0;
    first = pn_list_trim((struct pn_str){ at.ptr, (size_t)(dash - at.ptr) });
    last =
        pn_list_trim((struct pn_str){ dash + 1, (size_t)(at.ptr + at.len - dash) - 1 });
    add(out, last);
    pn_buffer_add_text(out, "-");
    add(out, first);
    return 1;
}

/* The octets of a wildcard, or of an address that is cut, as a prefix. */
static size_t
octets_prefix(struct pn_str at, struct pn_buffer *out)
{
    pn_number first = 0;
    unsigned count = 0;
    size_t i = 0;

    while (i < at.len && count < OCTETS) {
        unsigned value = 0;
        size_t start = i;

        while (i < at.len && i - start < 3 && at.ptr[i] >= '0' && at.ptr[i] <= '9')
            value = value * 10 + (unsigned)(at.ptr[i++] - '0');
        if (i == start || value > 255)
            break;
        first = first << 8 | value;
        count++;
        if (i < at.len && at.ptr[i++] != '.')
            return 0;
    }
    for (; i < at.len; i++)
        if (!strchr("*xX.", at.ptr[i]))
            return 0;
    if (!count || count == OCTETS)
        return 0;
    pn_prefix_write_of(out, first << 8 * (OCTETS - count), 4, 8 * count);
    return 1;
}

/* Groups with a wildcard behind their last colon. */
static size_t
groups_prefix(struct pn_str at, struct pn_buffer *out)
{
    struct pn_buffer text = { 0 };
    struct postern_addr addr;
    unsigned groups = 0;
    size_t count = 0;

    for (size_t i = 0; i < at.len; i++)
        groups += at.ptr[i] == ':';
    add(&text, (struct pn_str){ at.ptr, at.len - 1 });
    pn_buffer_add_text(&text, ":");
    if (at.ptr[at.len - 1] == '*' && groups < GROUPS && !text.failed &&
        postern_addr_parse(text.bytes, text.size, &addr) && addr.family == 6) {
        pn_prefix_write_of(out, pn_number_from(&addr), 6, GROUP_BITS * groups);
        count = 1;
    }
    out->failed |= text.failed;
    pn_buffer_free(&text);
    return count;
}

static size_t
wildcard_prefix(struct pn_str at, struct pn_buffer *out)
{
    return memchr(at.ptr, ':', at.len) ? groups_prefix(at, out)
                                       : octets_prefix(at, out);
}

/* What stands between two addresses becomes a dash. */
static size_t
with_dash(struct pn_str at, struct pn_buffer *out)
{
    struct pn_str first, last, rest;

    if (!pn_list_address_find(at, &first))
        return 0;
    rest = (struct pn_str){ first.ptr + first.len,
                            (size_t)(at.ptr + at.len - first.ptr) - first.len };
    if (!pn_list_address_find(rest, &last))
        return 0;
    add(out, first);
    pn_buffer_add_text(out, "-");
    add(out, last);
    return 1;
}

/* What stands between the quotes, if it is an entry. */
static size_t
without_quotes(struct pn_str at, struct pn_buffer *out)
{
    struct pn_buffer scratch = { 0 };
    struct pn_target target;
    struct pn_str inside;
    size_t count = 0;

    if (at.len > 2 && at.ptr[at.len - 1] == *at.ptr) {
        inside = (struct pn_str){ at.ptr + 1, at.len - 2 };
        if (pn_list_entry_read(inside, &scratch, &target) == PN_DIAG_NONE) {
            add(out, inside);
            count = 1;
        }
    }
    out->failed |= scratch.failed;
    pn_buffer_free(&scratch);
    return count;
}

/* Both readings of two addresses, and a third where one is a mask of the other. */
static void
two_note(struct pn_str at, struct pn_buffer *note)
{
    struct pn_buffer scratch = { 0 }, range = { 0 };
    struct pn_str first, last;
    struct postern_addr addr, mask;
    struct pn_target target;
    unsigned length;

    if (!pn_list_address_find(at, &first) ||
        !pn_list_address_find(
            (struct pn_str){ first.ptr + first.len,
                             (size_t)(at.ptr + at.len - first.ptr) - first.len },
            &last))
        return;
    if (with_dash(at, &range) && !range.failed &&
        pn_list_entry_read((struct pn_str){ range.bytes, range.size }, &scratch,
                           &target) == PN_DIAG_NONE &&
        target.kind == PN_TARGET_RANGE)
        pn_buffer_add_format(note, "  a range: %.*s\n", (int)range.size, range.bytes);
    pn_buffer_add_format(note, "  two entries: %.*s and %.*s, each on its own line\n",
                         (int)first.len, first.ptr, (int)last.len, last.ptr);
    if (pn_list_address_read(first, &addr) && pn_list_address_read(last, &mask) &&
        addr.family == mask.family && pn_list_mask_length(&mask, &length)) {
        pn_buffer_add_text(note, "  a prefix: ");
        pn_prefix_write_of(note, pn_number_from(&addr), addr.family, length);
        pn_buffer_add_text(note, "\n");
    }
    note->failed |= range.failed || scratch.failed;
    pn_buffer_free(&range);
    pn_buffer_free(&scratch);
}

/* A length that stands apart: the prefix, or the address and a remark. */
static void
length_note(struct pn_str at, struct pn_buffer *note)
{
    size_t end = 0, digits = at.len;

    while (end < at.len && !strchr(" \t,;", at.ptr[end]))
        end++;
    while (digits && at.ptr[digits - 1] >= '0' && at.ptr[digits - 1] <= '9')
        digits--;
    pn_buffer_add_format(note, "  a prefix: %.*s/%.*s\n", (int)end, at.ptr,
                         (int)(at.len - digits), at.ptr + digits);
    pn_buffer_add_format(note, "  an address: %.*s # %.*s\n", (int)end, at.ptr,
                         (int)(at.len - digits), at.ptr + digits);
}

static const struct {
    enum pn_diag_id id;
    size_t (*fix)(struct pn_str at, struct pn_buffer *fixes);
    void (*note)(struct pn_str at, struct pn_buffer *note);
} rows[] = {
    { PN_DIAG_LEADING_ZERO, without_zeros, NULL },
    { PN_DIAG_REVERSED_RANGE, turned_round, NULL },
    { PN_DIAG_LIST_DASH, with_dash, NULL },
    { PN_DIAG_LIST_LENGTH, NULL, length_note },
    { PN_DIAG_LIST_MASK, pn_mask_fix, NULL },
    { PN_DIAG_LIST_PORT, without_port, NULL },
    { PN_DIAG_LIST_QUOTES, without_quotes, NULL },
    { PN_DIAG_LIST_SHORT, octets_prefix, NULL },
    { PN_DIAG_LIST_TWO, NULL, two_note },
    { PN_DIAG_LIST_WILDCARD, wildcard_prefix, NULL },
    { PN_DIAG_LIST_ZONE, without_zone, NULL },
};

size_t
pn_list_fault_fix(enum pn_diag_id id, struct pn_str at, struct pn_buffer *fixes,
                  struct pn_buffer *note)
{
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        if (rows[i].id != id)
            continue;
        if (rows[i].note)
            rows[i].note(at, note);
        return rows[i].fix ? rows[i].fix(at, fixes) : 0;
    }
    return 0;
}
