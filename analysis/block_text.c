/* Digits, and the patterns of the language. */
#include "analysis/block_text.h"

#include "compiler/number_text.h"
#include "compiler/query_text.h"

void
pn_block_count_write(struct pn_buffer *out, const struct pn_blocks *blocks,
                     const struct pn_block *block, const char *group)
{
    pn_number size = pn_block_size(blocks, block);

    if (!size && block->extent_count) /* 2^128 */
        pn_digits_write(out, PN_STR("340282366920938463463374607431768211456"), group);
    else
        pn_number_write_grouped(out, size, group);
}

void
pn_pattern_write(struct pn_buffer *out, const struct pn_blocks *blocks,
                 const struct pn_pattern *pattern, bool is_ident)
{
    struct pn_str text = pn_intern_text(&blocks->texts, pattern->text);

    if (pattern->kind == PN_HOST_ABSENT)
        return;
    if (!pattern->inside)
        pn_buffer_add(out, "!", 1);
    if (!is_ident) {
        pn_buffer_add(out, "=", 1);
        pn_buffer_add(out, text.ptr, text.len);
    } else if (pattern->kind == PN_HOST_OTHER) {
        pn_buffer_add_text(out, "*@");
    } else {
        pn_ident_write(out, text);
    }
}
