/* One way of writing for people, one for programs; both are exact. */
#include "tools/render/blocks.h"

#include "analysis/block_text.h"
#include "analysis/extent_text.h"
#include "compiler/number_text.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"
#include "tools/render/text.h"

enum { SHOWN_EXTENTS = 8, SHOWN_PATTERNS = 12 };

/* Shows what was written into a buffer, and frees that. */
static void
shown(struct pn_output *output, struct pn_buffer *text)
{
    pn_output_add(output, text->bytes, text->size);
    output->pending.failed |= text->failed;
    pn_buffer_free(text);
}

void
pn_number_text(struct pn_output *output, pn_number number, const char *group)
{
    struct pn_buffer text = { 0 };

    pn_number_write_grouped(&text, number, group);
    shown(output, &text);
}

void
pn_block_count_text(struct pn_output *output, const struct pn_blocks *blocks,
                    const struct pn_block *block, const char *group)
{
    struct pn_buffer text = { 0 };

    pn_block_count_write(&text, blocks, block, group);
    shown(output, &text);
}

void
pn_extent_text(struct pn_output *output, const struct pn_intern *zeros,
               const struct pn_extent *extent)
{
    struct pn_buffer text = { 0 };

    pn_extent_write(&text, extent);
    pn_extent_write_zeros(&text, zeros, extent);
    shown(output, &text);
}

static void
patterns_text(struct pn_output *output, const struct pn_blocks *blocks,
              const struct pn_patterns *list, bool ident, const char *indent)
{
    struct pn_buffer text = { 0 };

    if (list->everything || !list->count)
        return;
    pn_output_format(output, "%s%s: ", indent, ident ? "ident" : "host");
    for (size_t i = 0; i < list->count && i < SHOWN_PATTERNS; i++) {
        text.size = 0;
        pn_pattern_write(&text, blocks, &list->items[i], ident);
        pn_output_text(output, i ? ", " : "");
        if (text.size)
            pn_render_bytes(output, (struct pn_str){ text.bytes, text.size });
        else
            pn_output_text(output, "(none)");
    }
    if (list->count > SHOWN_PATTERNS)
        pn_output_format(output, ", and %zu more", list->count - SHOWN_PATTERNS);
    pn_output_text(output, "\n");
    pn_buffer_free(&text);
}

void
pn_block_text(struct pn_output *output, const struct pn_blocks *blocks,
              const struct pn_block *block, const char *indent)
{
    pn_number size = pn_block_size(blocks, block);

    pn_block_count_text(output, blocks, block, ",");
    pn_output_text(output, size == 1 ? " address: " : " addresses: ");
    for (size_t i = 0; i < block->extent_count && i < SHOWN_EXTENTS; i++) {
        pn_output_text(output, i ? ", " : "");
        pn_extent_text(output, &blocks->zeros, &block->extents[i]);
    }
    if (block->extent_count > SHOWN_EXTENTS)
        pn_output_format(output, ", and %zu more ranges",
                         block->extent_count - SHOWN_EXTENTS);
    pn_output_text(output, "\n");
    patterns_text(output, blocks, &block->hosts, false, indent);
    patterns_text(output, blocks, &block->idents, true, indent);
}

static void
patterns_json(struct pn_output *output, const struct pn_blocks *blocks,
              const struct pn_patterns *list, bool ident)
{
    struct pn_buffer text = { 0 };

    if (list->everything || !list->count)
        return;
    pn_output_text(output, ident ? ", \"idents\": [" : ", \"hosts\": [");
    for (size_t i = 0; i < list->count; i++) {
        text.size = 0;
        pn_pattern_write(&text, blocks, &list->items[i], ident);
        pn_output_text(output, i ? ", " : "");
        if (text.size)
            pn_json_string(output, text.bytes, text.size);
        else
            pn_output_text(output, "null");
    }
    pn_output_text(output, "]");
    pn_buffer_free(&text);
}

/* Eight letters a pattern: 0 for a group that is zero, x for another. */
static void
zeros_json(struct pn_output *output, const struct pn_blocks *blocks,
           const struct pn_block *block)
{
    const char *before = ", \"zeros\": [\"";
    struct pn_zeros set;

    if (!block->extent_count || !block->extents[0].zeros)
        return;
    set = pn_zeros_kept(&blocks->zeros, block->extents[0].zeros);
    for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++) {
        if (!pn_zeros_has(&set, p))
            continue;
        pn_output_text(output, before);
        for (unsigned g = PN_ZERO_GROUPS; g-- > 0;)
            pn_output_text(output, p >> g & 1 ? "x" : "0");
        before = "\", \"";
    }
    pn_output_text(output, "\"]");
}

void
pn_block_json(struct pn_output *output, const struct pn_blocks *blocks,
              const struct pn_block *block)
{
    struct postern_query witness = pn_block_witness(blocks, block);

    pn_output_text(output, "\"addresses\": [");
    for (size_t i = 0; i < block->extent_count; i++) {
        struct pn_extent range = block->extents[i];

        range.zeros = 0; /* it is that of all of them */
        pn_output_text(output, i ? ", \"" : "\"");
        pn_extent_text(output, &blocks->zeros, &range);
        pn_output_text(output, "\"");
    }
    pn_output_text(output, "]");
    zeros_json(output, blocks, block);
    pn_output_text(output, ", \"count\": \"");
    pn_block_count_text(output, blocks, block, "");
    pn_output_text(output, "\"");
    patterns_json(output, blocks, &block->hosts, false);
    patterns_json(output, blocks, &block->idents, true);
    pn_output_text(output, ", \"witness\": ");
    pn_query_json(output, &witness);
}
