/* How to say which addresses of a range are meant. */
#include "analysis/blocks.h"
#include "compiler/classic_six.h"

enum { SHOWN = 4 };

/* Does a text begin all those addresses, and no others of the range? */
static bool
is_written(const struct pn_extent *extent, const struct pn_zeros *set,
           const struct pn_buffer *text)
{
    struct pn_six_piece pieces[PN_SIX_PIECES];
    size_t count = pn_six_pieces((struct pn_str){ text->bytes, text->size }, pieces);

    for (size_t i = 0; i < count; i++)
        if (pieces[i].start == extent->first &&
            (extent->first | pn_number_below(6, pieces[i].length)) == extent->last &&
            pn_zeros_equal(&pieces[i].zeros, set))
            return true;
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
            (unsigned)(address >> (PN_ZERO_GROUPS - 1 - g) * PN_GROUP_BITS) & 0xffff;

        if (run && g == start) {
            pn_buffer_add_text(out, g ? ":" : "::");
            g += run - 1;
        } else {
            pn_buffer_add_format(out, "%x:", value);
        }
    }
}

/* Tries the texts that the range's own groups give. */
static bool
text_find(const struct pn_extent *extent, const struct pn_zeros *set,
          struct pn_buffer *out)
{
    unsigned length = pn_prefix_at(6, extent->first, extent->last);
    unsigned groups = length / PN_GROUP_BITS;

    if (length % PN_GROUP_BITS || groups == PN_ZERO_GROUPS ||
        (extent->first | pn_number_below(6, length)) != extent->last)
        return false;
    groups_write(out, extent->first, groups, 0, 0);
    if (is_written(extent, set, out))
        return true;
    pn_buffer_add_text(out, groups ? ":" : "::");
    if (is_written(extent, set, out))
        return true;
    for (unsigned start = 0; start < groups; start++)
        for (unsigned run = 1; start + run <= groups; run++) {
            groups_write(out, extent->first, groups, start, run);
            if (is_written(extent, set, out))
                return true;
        }
    return false;
}

static void
pattern_write(struct pn_buffer *out, unsigned pattern)
{
    unsigned left = 0, count = 0;

    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++)
        count += !(pattern >> (PN_ZERO_GROUPS - 1 - g) & 1);
    if (!count) {
        pn_buffer_add_text(out, "no group zero");
        return;
    }
    pn_buffer_add_text(out, count > 1 ? "groups " : "group ");
    for (unsigned g = 0; g < PN_ZERO_GROUPS; g++) {
        if (pattern >> (PN_ZERO_GROUPS - 1 - g) & 1)
            continue;
        left++;
        pn_buffer_add_format(out, "%s%u",
                             left == 1       ? ""
                             : left == count ? " and "
                                             : ", ",
                             g + 1);
    }
    pn_buffer_add_text(out, " zero");
}

void
pn_extent_write_zeros(struct pn_buffer *out, const struct pn_intern *zeros,
                      const struct pn_extent *extent)
{
    struct pn_buffer text = { 0 };
    struct pn_zeros set;
    unsigned count = 0;

    if (!extent->zeros)
        return;
    set = pn_zeros_kept(zeros, extent->zeros);
    if (text_find(extent, &set, &text)) {
        pn_buffer_add_text(out, " written ");
        pn_buffer_add(out, text.bytes, text.size);
        pn_buffer_add_text(out, "...");
        pn_buffer_free(&text);
        return;
    }
    out->failed |= text.failed;
    pn_buffer_free(&text);
    for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++) {
        if (!pn_zeros_has(&set, p))
            continue;
        if (++count > SHOWN)
            continue;
        pn_buffer_add_text(out, count == 1 ? " with " : " or ");
        pattern_write(out, p);
    }
    if (count > SHOWN)
        pn_buffer_add_format(out, " or one of %u ways more", count - SHOWN);
}
