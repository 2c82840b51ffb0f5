/*
 * Fuzz: any text is laid out without harm, one that can be parsed as what it was, and
 * the layout of a layout is itself.
 */
#include <string.h>

#include "analysis/format.h"
#include "tests/fuzz/check.h"

/* A text that was laid out once. */
static void
again(const struct pn_buffer *once)
{
    struct pn_diags diags = { .limit = 30 };
    struct pn_buffer twice = { 0 };
    struct pn_source source;

    CHECK(pn_source_from_text(&source, "fuzz",
                              (struct pn_str){ once->bytes, once->size }));
    CHECK(pn_format_text(&source, &diags, &twice) == PN_FORMAT_OK);
    CHECK(twice.size == once->size &&
          (!twice.size || memcmp(twice.bytes, once->bytes, twice.size) == 0));
    pn_buffer_free(&twice);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_diags diags = { .limit = 30 };
    struct pn_buffer layout = { 0 };
    struct pn_source source;
    struct pn_format_half parsed, laid;

    CHECK(pn_source_from_text(&source, "fuzz",
                              (struct pn_str){ (const char *)data, size }));
    parsed = pn_format_parse(&source, &diags);
    laid = pn_format_layout(&source, &layout);
    CHECK(laid.result == PN_FORMAT_OK);
    CHECK(parsed.result == PN_FORMAT_REFUSED ||
          pn_format_both(parsed, laid) == PN_FORMAT_OK);
    if (parsed.result == PN_FORMAT_OK)
        again(&layout);
    pn_buffer_free(&layout);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    return 0;
}
