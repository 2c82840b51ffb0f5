/*
 * Written groups have a fixed place; "::" may stand for a run of any length, and each
 * length shifts the groups behind it.
 */
#include "compiler/classic_six.h"

enum { HEX_BITS = 4, DIGITS_MOST = (PN_GROUP_BITS + HEX_BITS - 1) / HEX_BITS };

/* A key as it is written. */
struct written {
    unsigned groups[PN_ZERO_GROUPS];
    unsigned count;  /* of groups */
    unsigned before; /* number of groups before the "::" */
    bool has_run;
};

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A group and its colon, without leading zeros; how many bytes, or 0. */
static size_t
group_read(struct pn_str key, size_t at, unsigned *out)
{
    size_t digits = 0;
    unsigned value = 0;

    for (; at + digits < key.len; digits++) {
        int digit = hex_digit(key.ptr[at + digits]);

        if (digit < 0)
            break;
        if (digits == DIGITS_MOST || (digits && !value))
            return 0;
        value = value << HEX_BITS | (unsigned)digit;
    }
    *out = value;
    return digits && at + digits < key.len && key.ptr[at + digits] == ':' ? digits + 1
                                                                          : 0;
}

static bool
key_read(struct pn_str key, struct written *out)
{
    size_t at = 0;

    *out = (struct written){ .count = 0 };
    if (key.len > 1 && key.ptr[0] == ':' && key.ptr[1] == ':') {
        out->has_run = true;
        at = 2;
    }
    while (at < key.len) {
        unsigned group;
        size_t size = group_read(key, at, &group);

        if (!size || out->count == PN_ZERO_GROUPS - 1)
            return false;
        out->groups[out->count++] = group;
        at += size;
        if (at == key.len || key.ptr[at] != ':')
            continue;
        if (out->has_run)
            return false;
        out->has_run = true;
        out->before = out->count;
        at++;
    }
    return out->count || out->has_run;
}

/* The first groups of an address, with a run of so many behind those before it. */
static void
piece_begin(const struct written *key, unsigned run, struct pn_six_piece *out)
{
    unsigned groups = key->count + run;

    *out = (struct pn_six_piece){ .length = (uint8_t)(groups * PN_GROUP_BITS),
                                  .counts = (uint8_t)(groups * PN_GROUP_BITS) };
    for (unsigned i = 0; i < key->count; i++) {
        unsigned place = i < key->before || !run ? i : i + run;

        out->start |= (pn_number)key->groups[i]
                      << (PN_ZERO_GROUPS - 1 - place) * PN_GROUP_BITS;
    }
}

/*
 * Keeps those patterns of the block whose text matches the key: with "::" behind the
 * groups of the key, for `run` zero groups or, if that is 0, for any number; for a key
 * without "::", with none among its groups.
 */
static bool
patterns_find(const struct written *key, unsigned run, struct pn_six_piece *piece)
{
    struct pn_zeros within =
        pn_zeros_within(piece->start, piece->start | pn_host_mask(6, piece->length));
    struct pn_zeros others;

    for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++) {
        unsigned start = PN_ZERO_GROUPS, length = pn_zeros_run(p, &start);
        bool good = key->has_run ? start == key->before && (!run || length == run)
                                 : start >= key->count;

        if (good && length + !key->has_run && pn_zeros_has(&within, p))
            pn_zeros_add(&piece->zeros, p);
    }
    others = pn_zeros_less(&within, &piece->zeros);
    piece->is_whole = pn_zeros_is_empty(&others);
    return !pn_zeros_is_empty(&piece->zeros);
}

size_t
pn_six_pieces(struct pn_str key, struct pn_six_piece out[PN_SIX_PIECES])
{
    bool lone = key.len == 1 && key.ptr[0] == ':'; /* all texts that begin with "::" */
    struct written written;
    size_t count = 0;

    if (lone)
        written = (struct written){ .has_run = true };
    else if (!key_read(key, &written))
        return 0;
    if (!written.has_run || written.before == written.count) {
        piece_begin(&written, 0, &out[0]);
        if (written.has_run) /* longer than a text of as many groups */
            out[0].counts = (uint8_t)(out[0].counts + (lone ? 1 : 2));
        return patterns_find(&written, 0, &out[0]);
    }
    for (unsigned run = 1; written.count + run < PN_ZERO_GROUPS; run++) {
        piece_begin(&written, run, &out[count]);
        count += patterns_find(&written, run, &out[count]);
    }
    return count;
}

/* The addresses for which a text is searched. */
struct sought {
    pn_number first, last;
    struct pn_zeros within; /* their patterns, */
    struct pn_zeros zeros;  /* and those that are meant */
};

static bool
is_said(const struct sought *sought, const struct pn_buffer *text)
{
    struct pn_str key = { text->bytes, text->size };
    struct pn_six_piece pieces[PN_SIX_PIECES];
    size_t count = text->failed ? 0 : pn_six_pieces(key, pieces);

    for (size_t i = 0; i < count; i++) {
        pn_number last = pieces[i].start | pn_host_mask(6, pieces[i].length);
        struct pn_zeros zeros = pn_zeros_intersect(&pieces[i].zeros, &sought->within);

        if (pieces[i].start <= sought->first && sought->last <= last)
            return pn_zeros_equal(&zeros, &sought->zeros);
    }
    return false;
}

/* So many groups of an address, with "::" for `run` of them from `start` on. */
static void
groups_write(struct pn_buffer *out, pn_number address, unsigned groups, unsigned start,
             unsigned run)
{
    out->size = 0;
    for (unsigned g = 0; g < groups; g++) {
        unsigned value =
            (unsigned)(address >> (PN_ZERO_GROUPS - 1 - g) * PN_GROUP_BITS) &
            PN_GROUP_MOST;

        if (run && g == start) {
            pn_buffer_add_text(out, g ? ":" : "::");
            g += run - 1;
        } else {
            pn_buffer_add_format(out, "%x:", value);
        }
    }
}

/* Tries the texts with so many groups. */
static bool
text_find(const struct sought *sought, unsigned groups, struct pn_buffer *out)
{
    groups_write(out, sought->first, groups, 0, 0);
    if (groups && is_said(sought, out))
        return true;
    pn_buffer_add_text(out, groups ? ":" : "::");
    if (is_said(sought, out))
        return true;
    for (unsigned at = 0; at < groups; at++)
        for (unsigned run = 1; at + run <= groups; run++) {
            groups_write(out, sought->first, groups, at, run);
            if (is_said(sought, out))
                return true;
        }
    return false;
}

bool
pn_six_text(pn_number first, pn_number last, const struct pn_zeros *within,
            const struct pn_zeros *zeros, struct pn_buffer *out)
{
    struct sought sought = { first, last, *within, *zeros };
    unsigned groups = 0;

    while (groups < PN_ZERO_GROUPS - 1 &&
           first >> (PN_ZERO_GROUPS - 1 - groups) * PN_GROUP_BITS ==
               last >> (PN_ZERO_GROUPS - 1 - groups) * PN_GROUP_BITS)
        groups++;
    for (; !text_find(&sought, groups, out); groups--)
        if (!groups)
            return false;
    return true;
}
