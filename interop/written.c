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

struct halved {
    pn_prefix_fn take;
    void *payload;
};

static void
half_take(void *payload, const struct pn_span_answer *span, pn_number first,
          unsigned length)
{
    const struct halved *halved = payload;

    if (length) {
        halved->take(halved->payload, span, first, length);
        return;
    }
    halved->take(halved->payload, span, 0, 1);
    halved->take(halved->payload, span, pn_host_mask(span->family, 1) + 1, 1);
}

void
pn_spans_each_halved(const struct pn_spans *spans, uint8_t family, bool allows,
                     pn_prefix_fn take, void *payload)
{
    struct halved halved = { take, payload };

    pn_spans_each_prefix(spans, family, allows, half_take, &halved);
}
