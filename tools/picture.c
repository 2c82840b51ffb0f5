/* Cells along the curve, and the curve in the plane. */
#include "tools/picture.h"

#include <stdlib.h>
#include <string.h>

#include "tools/render/xml.h"

const char *const pn_paint_colors[] = { "#ffffff", "#c0392b", "#2e8b57", "#8e1b10",
                                        "#1e90ff", "#f0b323", "#9a9a9a" };
const char *const pn_paint_names[] = {
    "",     "denied", "allowed", "loses access", "gains access", "answered otherwise",
    "mixed"
};

bool
pn_picture_begin(struct pn_picture *picture)
{
    picture->cells = calloc((size_t)1 << 2 * picture->order, 1);
    return picture->cells != NULL;
}

void
pn_picture_clear(struct pn_picture *picture)
{
    free(picture->cells);
    picture->cells = NULL;
}

/* Is there an address with these zero groups in a cell, as far as a range is in it? */
static bool
is_met(const struct pn_picture *picture, const struct pn_weights *weights,
       const struct pn_extent *extent, pn_number at, pn_number cell)
{
    pn_number first = picture->first + at * cell, last = first + (cell - 1), found;

    first = first < extent->first ? extent->first : first;
    last = last > extent->last ? extent->last : last;
    return pn_weights_first(weights, first, last, &found);
}

void
pn_picture_paint(struct pn_picture *picture, const struct pn_intern *zeros,
                 const struct pn_extent *extent, enum pn_paint paint)
{
    pn_number first = extent->first, last = extent->last, cell;
    struct pn_weights weights;
    struct pn_zeros set;

    if (extent->family != picture->family || last < picture->first ||
        first > picture->last)
        return;
    first = first < picture->first ? 0 : first - picture->first;
    last = (last > picture->last ? picture->last : last) - picture->first;
    /* addresses a cell: a prefix has no fewer than cells, see verb_map.c */
    cell = ((picture->last - picture->first) >> 2 * picture->order) + 1;
    if (extent->zeros) {
        set = pn_zeros_kept(zeros, extent->zeros);
        pn_weights_make(&weights, &set);
    }
    for (pn_number at = first / cell; at <= last / cell; at++) {
        uint8_t *have = &picture->cells[(size_t)at];

        if (extent->zeros && !is_met(picture, &weights, extent, at, cell))
            continue;
        *have = (uint8_t)(*have == PN_PAINT_NONE || *have == paint ? paint
                                                                   : PN_PAINT_MIXED);
    }
}

void
pn_picture_place(unsigned order, uint64_t at, unsigned *x, unsigned *y)
{
    *x = *y = 0;
    for (unsigned side = 1; side < 1u << order; side *= 2, at /= 4) {
        unsigned right = 1 & (unsigned)(at / 2), down = 1 & ((unsigned)at ^ right);

        if (!down) { /* the quarter is turned over */
            unsigned swap;

            if (right) {
                *x = side - 1 - *x;
                *y = side - 1 - *y;
            }
            swap = *x;
            *x = *y;
            *y = swap;
        }
        *x += side * right;
        *y += side * down;
    }
}

uint8_t *
pn_picture_plane(const struct pn_picture *picture)
{
    size_t count = (size_t)1 << 2 * picture->order;
    uint8_t *plane = calloc(count, 1);
    unsigned x, y;

    for (size_t i = 0; plane && i < count; i++) {
        pn_picture_place(picture->order, i, &x, &y);
        plane[((size_t)y << picture->order) + x] = picture->cells[i];
    }
    return plane;
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

/* Each run of a row is one stroke of its colour's path. */
static void
path_write(const uint8_t *plane, unsigned side, enum pn_paint paint,
           struct pn_output *out)
{
    bool any = false;

    for (unsigned y = 0; y < side; y++) {
        const uint8_t *row = plane + (size_t)y * side;

        for (unsigned x = 0, run; x < side; x += run) {
            run = run_of(row, side, x);
            if (row[x] != paint)
                continue;
            if (!any)
                pn_output_format(out, "<path class=\"%s\" fill=\"%s\" d=\"",
                                 pn_paint_names[paint], pn_paint_colors[paint]);
            any = true;
            pn_output_format(out, "M%u %uh%uv1h-%uz", x, y, run, run);
        }
    }
    if (any)
        pn_output_text(out, "\"/>\n");
}

static void
legend_write(const struct pn_picture *picture, unsigned side, struct pn_output *out)
{
    bool there[PN_PAINT_COUNT] = { false };
    double unit = side / 32.0, x = unit;

    for (size_t i = 0; i < (size_t)side * side; i++)
        there[picture->cells[i]] = true;
    for (int p = PN_PAINT_DENY; p < PN_PAINT_COUNT; p++) {
        if (!there[p])
            continue;
        pn_output_format(out,
                         "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
                         "fill=\"%s\"/><text x=\"%.2f\" y=\"%.2f\" "
                         "font-size=\"%.2f\" font-family=\"sans-serif\">%s</text>\n",
                         x, side + 2.2 * unit, unit, unit, pn_paint_colors[p],
                         x + 1.4 * unit, side + 3.1 * unit, unit, pn_paint_names[p]);
        x += 10 * unit;
    }
}

static void
title_write(const char *title, struct pn_output *out)
{
    struct pn_buffer text = { 0 };

    pn_xml_add(&text, (struct pn_str){ title, strlen(title) });
    pn_output_add(out, text.bytes, text.size);
    out->pending.failed |= text.failed;
    pn_buffer_free(&text);
}

void
pn_picture_svg(const struct pn_picture *picture, const char *title,
               struct pn_output *out)
{
    unsigned side = 1u << picture->order;
    double unit = side / 32.0;
    uint8_t *plane = pn_picture_plane(picture);

    if (!plane) {
        out->pending.failed = true;
        return;
    }
    pn_output_format(out,
                     "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"768\" "
                     "height=\"864\" viewBox=\"0 0 %u %.2f\">\n<title>",
                     side, side * 1.125);
    title_write(title, out);
    pn_output_text(out, "</title>\n<g shape-rendering=\"crispEdges\">\n");
    for (int p = PN_PAINT_DENY; p < PN_PAINT_COUNT; p++)
        path_write(plane, side, (enum pn_paint)p, out);
    pn_output_format(out,
                     "</g>\n<text x=\"%.2f\" y=\"%.2f\" font-size=\"%.2f\" "
                     "font-family=\"sans-serif\">",
                     unit, side + 1.5 * unit, unit);
    title_write(title, out);
    pn_output_text(out, "</text>\n");
    legend_write(picture, side, out);
    pn_output_text(out, "</svg>\n");
    free(plane);
}
