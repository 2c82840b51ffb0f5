/* One way of writing for people, one for programs; both are exact. */
#include "tools/render/blocks.h"

#include <stdlib.h>
#include <string.h>

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

struct shown_pattern {
    size_t rank, number;
};

/* The ranges of one family, or those that it leaves out. */
struct ranges {
    struct pn_extent *items;
    size_t count;
    bool there, inverted, failed;
};

static void
range_add(struct ranges *r, const struct pn_extent *extent)
{
    struct pn_extent *last = r->count ? &r->items[r->count - 1] : NULL;

    /* those between are IPv4's: no address of IPv6 is left out */
    if (last && !extent->zeros && !last->zeros && extent->family == 6 &&
        last->last == PN_MAPPED_FIRST - 1 && extent->first == PN_MAPPED_LAST + 1)
        last->last = extent->last;
    else
        r->items[r->count++] = *extent;
}

/* Leaves the gaps of ranges that begin and end with the family's addresses. */
static void
ranges_invert(struct ranges *r)
{
    for (size_t i = 0; i + 1 < r->count; i++) {
        pn_number first = r->items[i].last + 1, last = r->items[i + 1].first - 1;

        if (r->items[i].family == 6 && pn_number_is_mapped(first))
            first = PN_MAPPED_LAST + 1;
        if (r->items[i].family == 6 && pn_number_is_mapped(last))
            last = PN_MAPPED_FIRST - 1;
        r->items[i].first = first;
        r->items[i].last = last;
    }
    r->count--;
    r->inverted = true;
}

static struct ranges
ranges_of(const struct pn_block *block, uint8_t family)
{
    struct ranges r = { .items = calloc(block->extent_count + 1, sizeof(*r.items)) };
    pn_number all = pn_host_mask(family, 0), size = 0; /* less one each */
    bool zeros = false;

    r.failed = !r.items;
    for (size_t i = 0; r.items && i < block->extent_count; i++) {
        if (block->extents[i].family != family)
            continue;
        range_add(&r, &block->extents[i]);
        zeros |= block->extents[i].zeros != 0;
    }
    for (size_t i = 0; i < r.count; i++)
        size += r.items[i].last - r.items[i].first;
    r.there = r.count > 0;
    if (r.there && !zeros && size > all / 2 && r.items[0].first == 0 &&
        r.items[r.count - 1].last == all)
        ranges_invert(&r);
    return r;
}

static void
ranges_write(struct pn_buffer *out, const struct pn_blocks *blocks,
             const struct ranges *r, size_t *shown)
{
    for (size_t i = 0; i < r->count && *shown < SHOWN_EXTENTS; i++, ++*shown) {
        pn_buffer_add_text(out, i ? ", " : "");
        pn_extent_write(out, &r->items[i]);
        pn_extent_write_zeros(out, &blocks->zeros, &r->items[i]);
    }
}

static void
family_write(struct pn_buffer *out, const struct pn_blocks *blocks,
             const struct ranges *r, const char *name, size_t *shown)
{
    if (r->inverted) {
        pn_buffer_add_format(out, "all %s", name);
        pn_buffer_add_text(out, r->count ? " but " : "");
    }
    ranges_write(out, blocks, r, shown);
}

/* "10.0.0.0/8, 2001:db8::/32", "all IPv4 but 127.0.0.0/8", or "all but 10.1.0.0/16". */
static void
who_write(struct pn_buffer *out, const struct pn_blocks *blocks,
          const struct ranges r[PN_FAMILIES])
{
    static const char *const names[PN_FAMILIES] = {
        [PN_V4] = "IPv4", [PN_V6] = "IPv6"
    };
    size_t shown = 0, total = r[PN_V4].count + r[PN_V6].count;

    if (r[PN_V4].inverted && r[PN_V6].inverted) {
        pn_buffer_add_text(out, total ? "all but " : "all addresses");
        ranges_write(out, blocks, &r[PN_V4], &shown);
        pn_buffer_add_text(out, shown && shown < total && r[PN_V6].count ? ", " : "");
        ranges_write(out, blocks, &r[PN_V6], &shown);
    } else {
        /* what is left out stands last: nothing may read as left out with it */
        size_t first = r[PN_V4].inverted && r[PN_V4].count ? PN_V6 : PN_V4;
        size_t second = first == PN_V4 ? PN_V6 : PN_V4;

        family_write(out, blocks, &r[first], names[first], &shown);
        pn_buffer_add_text(out, r[PN_V4].there && r[PN_V6].there ? ", " : "");
        family_write(out, blocks, &r[second], names[second], &shown);
    }
    if (total > shown)
        pn_buffer_add_format(out, ", and %zu more ranges", total - shown);
}

static void
block_write(struct pn_buffer *out, const struct pn_blocks *blocks,
            const struct pn_block *block, bool counted)
{
    struct ranges r[PN_FAMILIES] = { ranges_of(block, 4), ranges_of(block, 6) };

    out->failed |= r[PN_V4].failed || r[PN_V6].failed;
    if (counted && !(r[PN_V4].inverted && r[PN_V6].inverted)) {
        pn_number counts[PN_FAMILIES] = { 0, 0 };

        for (size_t i = 0; i < block->extent_count; i++)
            counts[pn_family_index(block->extents[i].family)] +=
                pn_extent_size(&blocks->zeros, &block->extents[i]);
        pn_addresses_write(out, counts);
        pn_buffer_add_text(out, ": ");
    }
    who_write(out, blocks, r);
    free(r[PN_V4].items);
    free(r[PN_V6].items);
}

void
pn_addresses_write(struct pn_buffer *out, const pn_number counts[PN_FAMILIES])
{
    pn_number sum = counts[PN_V4] + counts[PN_V6];

    if (!counts[PN_V4] || counts[PN_V6] <= UINT32_MAX) {
        pn_number_write_people(out, sum);
    } else {
        pn_number_write_people(out, counts[PN_V4]);
        pn_buffer_add_text(out, " IPv4 and ");
        pn_number_write_people(out, counts[PN_V6]);
        pn_buffer_add_text(out, " IPv6");
    }
    pn_buffer_add_text(out, sum == 1 ? " address" : " addresses");
}

static const char *
pattern_word(const struct pn_pattern *pattern)
{
    return pattern->kind == PN_HOST_OTHER    ? "any"
           : pattern->kind == PN_HOST_ABSENT ? "none"
                                             : NULL;
}

/* Any name, then no name, then names, shorter before longer. */
static int
compare_patterns(const void *left, const void *right)
{
    const struct shown_pattern *a = left, *b = right;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

static struct shown_pattern *
patterns_order(const struct pn_blocks *blocks, const struct pn_patterns *list)
{
    struct shown_pattern *order = calloc(list->count, sizeof(*order));

    for (size_t i = 0; order && i < list->count; i++) {
        const struct pn_pattern *p = &list->items[i];

        order[i].number = i;
        order[i].rank = p->kind == PN_HOST_OTHER ? 0
                        : p->kind == PN_HOST_ABSENT
                            ? 1
                            : 2 + pn_intern_text(&blocks->texts, p->text).len;
    }
    if (order)
        qsort(order, list->count, sizeof(*order), compare_patterns);
    return order;
}

/*
 * "any or none, but not =.example.com, but =mx.example.com": the last that fits counts,
 * for it is the longest.
 */
static void
patterns_write(struct pn_buffer *out, const struct pn_blocks *blocks,
               const struct pn_patterns *list, bool ident)
{
    struct shown_pattern *order = patterns_order(blocks, list);
    bool inside = true, first = true;
    size_t shown = 0;

    out->failed |= !order;
    for (size_t i = 0; order && i < list->count && shown < SHOWN_PATTERNS; i++) {
        struct pn_pattern p = list->items[order[i].number];
        const char *word = pattern_word(&p);

        shown++;
        if (first && !p.inside)
            continue; /* nobody is in yet */
        if (p.inside != inside)
            pn_buffer_add_text(out, p.inside ? ", but " : ", but not ");
        else if (!first)
            pn_buffer_add_text(out, word ? " or " : ", ");
        inside = p.inside;
        first = false;
        p.inside = true;
        if (word)
            pn_buffer_add_text(out, word);
        else
            pn_pattern_write(out, blocks, &p, ident);
    }
    if (list->count > shown)
        pn_buffer_add_format(out, ", and %zu more", list->count - shown);
    free(order);
}

/* One line, broken where that is asked for; frees the text. */
static void
flow_buffer(struct pn_output *output, const struct pn_style *style,
            struct pn_buffer *text, size_t column, size_t indent)
{
    struct pn_flow flow = pn_flow_begin(output, style, column, indent);

    pn_buffer_add(text, "", 1);
    if (text->failed)
        output->pending.failed = true;
    else
        pn_flow_words(&flow, text->bytes);
    pn_flow_end(&flow);
    pn_buffer_free(text);
}

void
pn_patterns_text(struct pn_output *output, const struct pn_style *style,
                 const struct pn_blocks *blocks, const struct pn_patterns *list,
                 bool ident, const char *indent)
{
    struct pn_buffer text = { 0 };

    if (list->everything || !list->count)
        return;
    pn_buffer_add_text(&text, ident ? "ident: " : "host: ");
    patterns_write(&text, blocks, list, ident);
    pn_output_text(output, indent);
    flow_buffer(output, style, &text, strlen(indent), strlen(indent) + 2);
}

void
pn_block_addresses_text(struct pn_output *output, const struct pn_style *style,
                        const struct pn_blocks *blocks, const struct pn_block *block,
                        bool counted, size_t column)
{
    struct pn_buffer text = { 0 };

    block_write(&text, blocks, block, counted);
    flow_buffer(output, style, &text, column, sizeof("    ") - 1);
}

void
pn_block_text(struct pn_output *output, const struct pn_style *style,
              const struct pn_blocks *blocks, const struct pn_block *block,
              const char *indent, size_t column)
{
    pn_block_addresses_text(output, style, blocks, block, true, column);
    pn_patterns_text(output, style, blocks, &block->hosts, false, indent);
    pn_patterns_text(output, style, blocks, &block->idents, true, indent);
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
