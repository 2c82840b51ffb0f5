/* How to say which addresses of a range are meant. */
#include "analysis/blocks.h"
#include "compiler/classic_six.h"

enum { SHOWN = 4 };

static bool
is_block(const struct pn_extent *extent)
{
    unsigned length = pn_prefix_at(6, extent->first, extent->last);

    return (extent->first | pn_number_below(6, length)) == extent->last;
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
    if (is_block(extent) &&
        pn_six_text(extent->first, pn_prefix_at(6, extent->first, extent->last), &set,
                    &text)) {
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
