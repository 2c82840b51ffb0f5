/* Drafts beside their files, as a patch. */
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "tools/input/drafts.h"

enum { LOOK_AHEAD = 4000 };

static const size_t context = 3;

/* A text as lines, each with its newline. */
struct lines {
    struct pn_str *items;
    size_t count, capacity;
};

static bool
lines_cut(const struct pn_buffer *text, struct lines *out)
{
    for (size_t at = 0; at < text->size;) {
        const char *newline = memchr(text->bytes + at, '\n', text->size - at);
        size_t len =
            newline ? (size_t)(newline + 1 - text->bytes) - at : text->size - at;

        if (!pn_vector_reserve(&out->items, &out->capacity, out->count + 1,
                               sizeof(*out->items)))
            return false;
        out->items[out->count++] = (struct pn_str){ text->bytes + at, len };
        at += len;
    }
    return true;
}

static bool
same(struct pn_str a, struct pn_str b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Lines from and to, of before and after, that take one another's place. */
struct change {
    size_t from[2], to[2];
};

struct changes {
    struct change *items;
    size_t count, capacity;
};

/* The nearest lines behind a difference that are equal again. */
static void
resume(const struct lines *a, const struct lines *b, size_t *i, size_t *k)
{
    for (size_t sum = 1; sum <= LOOK_AHEAD; sum++)
        for (size_t left = sum + 1; left-- > 0;) {
            size_t x = *i + left, y = *k + (sum - left);

            if (x < a->count && y < b->count && same(a->items[x], b->items[y])) {
                *i = x;
                *k = y;
                return;
            }
            if (x == a->count && y == b->count) {
                *i = x;
                *k = y;
                return;
            }
        }
    *i = a->count;
    *k = b->count;
}

static bool
compare(const struct lines *a, const struct lines *b, struct changes *out)
{
    size_t i = 0, k = 0;

    while (i < a->count || k < b->count) {
        struct change change = { { i, k }, { 0, 0 } };

        if (i < a->count && k < b->count && same(a->items[i], b->items[k])) {
            i++;
            k++;
            continue;
        }
        resume(a, b, &i, &k);
        change.to[0] = i;
        change.to[1] = k;
        if (!pn_vector_reserve(&out->items, &out->capacity, out->count + 1,
                               sizeof(*out->items)))
            return false;
        out->items[out->count++] = change;
    }
    return true;
}

/* In git's colours. */
static void
line_out(struct pn_output *out, const struct pn_style *style, char sign,
         struct pn_str line)
{
    bool ended = line.len && line.ptr[line.len - 1] == '\n';

    if (sign != ' ')
        pn_style_paint(out, style, sign == '-' ? PN_PAINT_RED : PN_PAINT_GREEN);
    pn_output_add(out, &sign, 1);
    pn_output_add(out, line.ptr, line.len - ended);
    if (sign != ' ')
        pn_style_paint(out, style, PN_PAINT_RESET);
    pn_output_text(out, ended ? "\n" : "\n\\ No newline at end of file\n");
}

static const struct pn_str nothing = { "", 0 };

static void
hunk(struct pn_output *out, const struct pn_style *style, const struct lines ab[2],
     const struct change *first, const struct change *last)
{
    const struct lines *a = &ab[0], *b = &ab[1];
    size_t front = first->from[0] < context ? first->from[0] : context;
    size_t left = a->count - last->to[0], back = left < context ? left : context;
    size_t from = first->from[0] - front, size = last->to[0] + back - from;
    size_t other = first->from[1] - front, other_size = last->to[1] + back - other;
    const struct pn_str *before = a->items ? a->items : &nothing;
    size_t at = from;

    pn_style_paint(out, style, PN_PAINT_CYAN);
    pn_output_format(out, "@@ -%zu,%zu +%zu,%zu @@", from + (size != 0), size,
                     other + (other_size != 0), other_size);
    pn_style_paint(out, style, PN_PAINT_RESET);
    pn_output_text(out, "\n");
    for (const struct change *c = first; c <= last; c++) {
        while (at < c->from[0])
            line_out(out, style, ' ', before[at++]);
        while (at < c->to[0])
            line_out(out, style, '-', before[at++]);
        for (size_t k = c->from[1]; k < c->to[1]; k++)
            line_out(out, style, '+', b->items[k]);
    }
    for (size_t end = at + back; at < end; at++)
        line_out(out, style, ' ', before[at]);
}

static void
name_out(struct pn_output *out, const struct pn_style *style, const char *sign,
         const char *path)
{
    pn_style_paint(out, style, PN_PAINT_BOLD);
    pn_output_text(out, sign);
    pn_output_text(out, path);
    pn_style_paint(out, style, PN_PAINT_RESET);
    pn_output_text(out, "\n");
}

static void
draft_diff(struct pn_output *out, const struct pn_style *style,
           const struct pn_draft *draft)
{
    struct lines ab[2] = { 0 };
    struct changes changes = { 0 };

    if (lines_cut(&draft->before, &ab[0]) && lines_cut(&draft->text, &ab[1]) &&
        compare(&ab[0], &ab[1], &changes)) {
        name_out(out, style, "--- ", draft->path);
        name_out(out, style, "+++ ", draft->path);
        for (size_t i = 0, last; i < changes.count; i = last + 1) {
            for (last = i; last + 1 < changes.count &&
                           changes.items[last + 1].from[0] <=
                               changes.items[last].to[0] + 2 * context;
                 last++)
                continue;
            hunk(out, style, ab, &changes.items[i], &changes.items[last]);
        }
    } else {
        out->pending.failed = true;
    }
    free(ab[0].items);
    free(ab[1].items);
    free(changes.items);
}

void
pn_drafts_diff(struct pn_output *out, const struct pn_style *style,
               const struct pn_drafts *drafts)
{
    for (size_t i = 0; i < drafts->count; i++)
        if (pn_draft_is_changed(&drafts->items[i]))
            draft_diff(out, style, &drafts->items[i]);
}
