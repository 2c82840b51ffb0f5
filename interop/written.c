/* Cuts spans into prefixes, and prints addresses. */
#include "interop/written.h"

void
pn_written_address(struct pn_output *out, pn_number address, uint8_t family)
{
    struct postern_addr addr = pn_number_address(address, family);
    char text[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&addr, text);
    pn_output_text(out, text);
}

static void
span_cut(const struct pn_span_answer *span, pn_prefix_fn take, void *payload)
{
    pn_number at = span->first, next;
    bool more = true;

    while (more) {
        unsigned length;

        more = pn_range_cut(at, span->last, span->family, &length, &next);
        take(payload, span, at, length);
        at = next;
    }
}

void
pn_spans_each_prefix(const struct pn_spans *spans, uint8_t family, bool allows,
                     pn_prefix_fn take, void *payload)
{
    for (size_t i = 0; i < spans->count; i++) {
        const struct pn_span_answer *span = &spans->items[i];

        if ((!family || span->family == family) && span->allows == allows)
            span_cut(span, take, payload);
    }
}
