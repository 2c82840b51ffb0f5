/* A set of zero patterns is shown as the beginning of a text, where one says the same.
 * */
#include "analysis/extent_text.h"

#include "compiler/classic_six.h"

void
pn_extent_write(struct pn_buffer *out, const struct pn_extent *extent)
{
    struct postern_addr first = pn_number_address(extent->first, extent->family);
    struct postern_addr last = pn_number_address(extent->last, extent->family);
    uint8_t length = pn_prefix_at(extent->family, extent->first, extent->last);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&first, text);
    pn_buffer_add_text(out, text);
    if (extent->first == extent->last)
        return;
    if (extent->last - extent->first == pn_host_mask(extent->family, length)) {
        pn_buffer_add_format(out, "/%u", (unsigned)length);
        return;
    }
    postern_addr_print(&last, text);
    pn_buffer_add_format(out, "-%s", text);
}

void
pn_interval_write(struct pn_buffer *out, const struct pn_interval *interval,
                  uint8_t family)
{
    pn_extent_write(out,
                    &(struct pn_extent){ interval->first, interval->last, family, 0 });
}

enum { SHOWN = 4 };

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

/* " written fe80::...", or " not written fe80::..."; false when no text says it. */
static bool
text_write(struct pn_buffer *out, const struct pn_extent *extent,
           const struct pn_zeros *set)
{
    struct pn_zeros all = pn_extent_patterns(extent), rest = pn_zeros_less(&all, set);
    struct pn_buffer text = { 0 };
    bool yes = pn_six_text(extent->first, extent->last, &all, set, &text);
    bool found = yes || pn_six_text(extent->first, extent->last, &all, &rest, &text);

    if (found) {
        pn_buffer_add_text(out, yes ? " written " : " not written ");
        pn_buffer_add(out, text.bytes, text.size);
        pn_buffer_add_text(out, "...");
    }
    out->failed |= text.failed;
    pn_buffer_free(&text);
    return found;
}

void
pn_extent_write_zeros(struct pn_buffer *out, const struct pn_intern *zeros,
                      const struct pn_extent *extent)
{
    struct pn_zeros set;
    unsigned count = 0;

    if (!extent->zeros)
        return;
    set = pn_zeros_kept(zeros, extent->zeros);
    if (text_write(out, extent, &set))
        return;
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
