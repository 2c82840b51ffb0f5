/* A picture as SVG: what is painted alike is one path, of as few boxes as its rows
 * make. */
#include <stdio.h>
#include <string.h>

#include "tools/picture.h"
#include "tools/render/xml.h"

static void
text_write(struct pn_output *out, struct pn_str text)
{
    struct pn_buffer escaped = { 0 };

    pn_xml_add(&escaped, text);
    pn_output_add(out, escaped.bytes, escaped.size);
    out->pending.failed |= escaped.failed;
    pn_buffer_free(&escaped);
}

/* How many cells from `x` on are painted alike. */
static unsigned
run_of(const uint8_t *row, unsigned side, unsigned x)
{
    unsigned end = x + 1;

    while (end < side && row[end] == row[x])
        end++;
    return end - x;
}

/* Has this row the same run there, as long and no longer? */
static bool
has_run(const uint8_t *row, unsigned side, unsigned x, unsigned run, uint8_t paint)
{
    return row[x] == paint && (!x || row[x - 1] != paint) &&
           run_of(row, side, x) == run;
}

/* The runs of a paint; those that stand one below the other are one box. */
static void
boxes_write(const struct pn_picture *picture, uint8_t paint, struct pn_output *out)
{
    unsigned side = 1u << picture->order, unit = picture->cell;

    for (unsigned y = 0; y < side; y++) {
        const uint8_t *row = picture->cells + ((size_t)y << picture->order);

        for (unsigned x = 0, run, height; x < side; x += run) {
            run = run_of(row, side, x);
            if (row[x] != paint || (y && has_run(row - side, side, x, run, paint)))
                continue;
            height = 1;
            while (y + height < side &&
                   has_run(row + (size_t)height * side, side, x, run, paint))
                height++;
            pn_output_format(out, "M%u %uh%uv%uh-%uz", x * unit, y * unit, run * unit,
                             height * unit, run * unit);
        }
    }
}

static void
patterns_write(struct pn_output *out, const bool there[PN_PAINT_COUNT])
{
    for (unsigned p = 0; p < PN_PAINT_COUNT; p++) {
        const struct pn_paint_look *look = &pn_paint_looks[p];

        if (!there[p] || look->hatch == PN_HATCH_NONE)
            continue;
        pn_output_format(out,
                         "<pattern id=\"p%u\" width=\"%d\" height=\"%d\" "
                         "patternUnits=\"userSpaceOnUse\"><path fill=\"%s\" d=\"",
                         p, PN_HATCH_SIZE, PN_HATCH_SIZE, look->ink);
        for (unsigned y = 0; y < PN_HATCH_SIZE; y++)
            for (unsigned x = 0, run; x < PN_HATCH_SIZE; x += run + 1) {
                run = 0;
                while (x + run < PN_HATCH_SIZE && pn_hatch_has(look->hatch, x + run, y))
                    run++;
                if (run)
                    pn_output_format(out, "M%u %uh%uv1h-%uz", x, y, run, run);
            }
        pn_output_text(out, "\"/></pattern>\n");
    }
}

/* A pattern is laid over the same path, and begins at the corner of the cells. */
static void
cells_write(const struct pn_picture *picture, const bool there[PN_PAINT_COUNT],
            struct pn_output *out)
{
    pn_output_format(out,
                     "<g transform=\"translate(%u %u)\" "
                     "shape-rendering=\"crispEdges\">\n",
                     picture->left, picture->top);
    for (unsigned p = 0; p < PN_PAINT_COUNT; p++) {
        bool has_pattern = pn_paint_looks[p].hatch != PN_HATCH_NONE;

        if (!there[p])
            continue;
        pn_output_format(out, "<g fill=\"%s\"><path id=\"c%u\" d=\"",
                         pn_paint_looks[p].color, p);
        boxes_write(picture, (uint8_t)p, out);
        pn_output_text(out, "\"/></g>\n");
        if (has_pattern)
            pn_output_format(out, "<use href=\"#c%u\" fill=\"url(#p%u)\"/>\n", p, p);
    }
    pn_output_text(out, "</g>\n");
}

static void
hovers_write(const struct pn_picture *picture, struct pn_output *out)
{
    if (!picture->hover_count)
        return;
    pn_output_format(out,
                     "<g transform=\"translate(%u %u) scale(%u)\" "
                     "fill-opacity=\"0\">\n",
                     picture->left, picture->top, picture->cell);
    for (size_t i = 0; i < picture->hover_count; i++) {
        const struct pn_hover *hover = &picture->hovers[i];

        pn_output_text(out, "<path d=\"");
        for (size_t k = 0; k < hover->count; k++) {
            const struct pn_hilbert_box *b = &picture->boxes[hover->first + k];

            pn_output_format(out, "M%u %uh%uv%uh-%uz", b->x, b->y, b->width, b->height,
                             b->width);
        }
        pn_output_text(out, "\"><title>");
        text_write(out,
                   (struct pn_str){ picture->texts.bytes + hover->text, hover->size });
        pn_output_text(out, "</title></path>\n");
    }
    pn_output_text(out, "</g>\n");
}

static void
box_write(const struct pn_item *item, const char *fill, double within,
          const char *stroke, struct pn_output *out)
{
    pn_output_format(out,
                     "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                     "fill=\"%s\"",
                     item->x + within, item->y + within, item->width - 2 * within,
                     item->height - 2 * within, fill);
    if (stroke)
        pn_output_format(out, " stroke=\"%s\"", stroke);
    pn_output_text(out, "/>");
}

static void
item_text_write(const struct pn_picture *picture, const struct pn_item *item,
                struct pn_output *out)
{
    const char *around =
        pn_paint_looks[item->paint == PN_PAINT_WHITE ? PN_PAINT_DARK : PN_PAINT_WHITE]
            .color;

    pn_output_format(out, "<text x=\"%u\" y=\"%u\" font-size=\"%u\" fill=\"%s\"",
                     item->x, item->y + PN_LETTER_BASE * item->scale,
                     PN_LETTER_HEIGHT * item->scale, pn_paint_looks[item->paint].color);
    if (item->halo)
        pn_output_format(out,
                         " stroke=\"%s\" stroke-width=\"%u\" stroke-linejoin=\"round\" "
                         "paint-order=\"stroke\"",
                         around, item->scale + 1);
    pn_output_text(out, ">");
    text_write(out, (struct pn_str){ picture->texts.bytes + item->text, item->size });
    pn_output_text(out, "</text>\n");
}

static void
item_write(const struct pn_picture *picture, const struct pn_item *item,
           struct pn_output *out)
{
    const struct pn_paint_look *look = &pn_paint_looks[item->paint];
    const char *dark = pn_paint_looks[PN_PAINT_DARK].color;
    char pattern[16];

    switch (item->kind) {
    case PN_ITEM_BOX:
        box_write(item, look->color, 0.5, dark, out);
        if (look->hatch != PN_HATCH_NONE) {
            (void)snprintf(pattern, sizeof(pattern), "url(#p%d)", (int)item->paint);
            box_write(item, pattern, 0.5, NULL, out);
        }
        pn_output_text(out, "\n");
        break;
    case PN_ITEM_FRAME:
        box_write(item, "none", 0.5, pn_paint_looks[PN_PAINT_WHITE].color, out);
        box_write(item, "none", 1.5, dark, out);
        pn_output_text(out, "\n");
        break;
    case PN_ITEM_SHADE:
        pn_output_format(out, "<path fill-opacity=\".28\" d=\"M%u %uh%uv%uh-%uz\"/>\n",
                         item->x, item->y, item->width, item->height, item->width);
        break;
    case PN_ITEM_TEXT:
        item_text_write(picture, item, out);
        break;
    }
}

/* The paints that the cells or the legend have. */
static void
paints_find(const struct pn_picture *picture, bool cells[PN_PAINT_COUNT],
            bool all[PN_PAINT_COUNT])
{
    for (size_t i = 0; i < (size_t)1 << 2 * picture->order; i++)
        cells[picture->cells[i]] = true;
    memcpy(all, cells, PN_PAINT_COUNT * sizeof(*all));
    for (size_t i = 0; i < picture->item_count; i++)
        all[picture->items[i].paint] = true;
}

void
pn_picture_svg(const struct pn_picture *picture, struct pn_output *out)
{
    bool cells[PN_PAINT_COUNT] = { false }, all[PN_PAINT_COUNT];

    paints_find(picture, cells, all);
    pn_output_format(out,
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
                     "height=\"%u\" viewBox=\"0 0 %u %u\" role=\"img\">\n<title>",
                     picture->width, picture->height, picture->width, picture->height);
    text_write(out,
               (struct pn_str){ picture->title.bytes,
                                picture->title.size ? picture->title.size - 1 : 0 });
    pn_output_text(out, "</title>\n<defs>\n");
    patterns_write(out, all);
    pn_output_format(out, "</defs>\n<rect width=\"%u\" height=\"%u\" fill=\"%s\"/>\n",
                     picture->width, picture->height,
                     pn_paint_looks[PN_PAINT_PAPER].color);
    cells_write(picture, cells, out);
    pn_output_text(out, "<g font-family=\"'DejaVu Sans',Verdana,sans-serif\">\n");
    for (size_t i = 0; i < picture->item_count; i++)
        item_write(picture, &picture->items[i], out);
    pn_output_text(out, "</g>\n");
    hovers_write(picture, out);
    pn_output_text(out, "</svg>\n");
}
