/* Digits, and the patterns of the language. */
#include "analysis/block_text.h"

#include "compiler/query_text.h"

enum { DIGITS = 40 };

static void
group_digits(struct pn_buffer *out, struct pn_str digits, const char *group)
{
    for (size_t left = digits.len; left; digits.ptr++) {
        pn_buffer_add(out, digits.ptr, 1);
        if (--left && left % 3 == 0)
            pn_buffer_add_text(out, group);
    }
}

void
pn_digits_write(struct pn_buffer *out, pn_number number, const char *group)
{
    char digits[DIGITS];
    size_t at = DIGITS;

    do
        digits[--at] = (char)('0' + (unsigned)(number % 10));
    while ((number /= 10) > 0);
    group_digits(out, (struct pn_str){ digits + at, DIGITS - at }, group);
}

void
pn_block_count_write(struct pn_buffer *out, const struct pn_blocks *blocks,
                     const struct pn_block *block, const char *group)
{
    pn_number size = pn_block_size(blocks, block);

    if (!size && block->extent_count) /* 2^128 */
        group_digits(out, PN_STR("340282366920938463463374607431768211456"), group);
    else
        pn_digits_write(out, size, group);
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
