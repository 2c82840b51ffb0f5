/* A picture as PNG, by libpng: a palette, and each paint once more, darkened. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "tools/picture.h"

/* Numbers of the palette: the paints, their patterns' inks, and both below the grid. */
enum {
    INKS = PN_PAINT_COUNT,
    SHADED = 2 * PN_PAINT_COUNT,
    COLORS = 4 * PN_PAINT_COUNT
};

/* What the grid leaves of the light below it, in hundredths. */
enum { GRID_LEAVES = 72 };

struct canvas {
    unsigned width, height;
    uint8_t *pixels;
};

static uint8_t
color_at(enum pn_paint paint, unsigned x, unsigned y)
{
    bool ink = pn_hatch_has(pn_paint_looks[paint].hatch, x, y);

    return (uint8_t)(paint + (ink ? INKS : 0));
}

static void
cells_draw(struct canvas *canvas, const struct pn_picture *picture)
{
    unsigned cell = picture->cell, side = cell << picture->order;

    for (unsigned y = 0; y < side; y++) {
        const uint8_t *row = picture->cells + ((size_t)(y / cell) << picture->order);
        uint8_t *out =
            canvas->pixels + (size_t)(picture->top + y) * canvas->width + picture->left;

        for (unsigned x = 0; x < side; x++)
            out[x] = color_at((enum pn_paint)row[x / cell], x, y);
    }
}

static void
fill(struct canvas *canvas, const struct pn_item *box)
{
    for (unsigned y = box->y; y < box->y + box->height && y < canvas->height; y++)
        for (unsigned x = box->x; x < box->x + box->width && x < canvas->width; x++)
            canvas->pixels[(size_t)y * canvas->width + x] = color_at(box->paint, x, y);
}

/* The four sides of a box, so many pixels within it. */
static void
sides_draw(struct canvas *canvas, const struct pn_item *box, unsigned within,
           enum pn_paint paint)
{
    unsigned x = box->x + within, y = box->y + within;
    unsigned width = box->width - 2 * within, height = box->height - 2 * within;
    struct pn_item side = { .paint = paint };

    for (unsigned i = 0; i < 2; i++) {
        side.x = x;
        side.y = y + i * (height - 1);
        side.width = width;
        side.height = 1;
        fill(canvas, &side);
        side.x = x + i * (width - 1);
        side.y = y;
        side.width = 1;
        side.height = height;
        fill(canvas, &side);
    }
}

static void
shade(struct canvas *canvas, const struct pn_item *line)
{
    for (unsigned y = line->y; y < line->y + line->height; y++)
        for (unsigned x = line->x; x < line->x + line->width; x++) {
            uint8_t *pixel = &canvas->pixels[(size_t)y * canvas->width + x];

            if (*pixel < SHADED)
                *pixel = (uint8_t)(*pixel + SHADED);
        }
}

/* One letter in a colour, moved by so many pixels. */
static void
letter_draw(struct canvas *canvas, unsigned char letter, const struct pn_item *at)
{
    for (unsigned row = 0; row < PN_LETTER_HEIGHT; row++) {
        unsigned bits = pn_letter_row(letter, row);

        for (unsigned column = 0; column < PN_LETTER_WIDTH - 1; column++) {
            struct pn_item dot = *at;

            if (!(bits >> (PN_LETTER_WIDTH - 2 - column) & 1))
                continue;
            dot.x += column * at->scale;
            dot.y += row * at->scale;
            dot.width = dot.height = at->scale;
            fill(canvas, &dot);
        }
    }
}

static void
text_draw(struct canvas *canvas, const struct pn_item *item, const char *text)
{
    struct pn_item at = *item;

    /* around it, where it has a halo, and then itself */
    for (unsigned pass = item->halo ? 0 : 9; pass <= 9; pass++) {
        at = *item;
        if (pass < 9) {
            at.paint = item->paint == PN_PAINT_WHITE ? PN_PAINT_DARK : PN_PAINT_WHITE;
            at.x += pass % 3 - 1;
            at.y += pass / 3 - 1;
        }
        for (size_t i = 0; i < item->size; i++) {
            letter_draw(canvas, (unsigned char)text[i], &at);
            at.x += PN_LETTER_WIDTH * item->scale;
        }
    }
}

static void
item_draw(struct canvas *canvas, const struct pn_picture *picture,
          const struct pn_item *item)
{
    switch (item->kind) {
    case PN_ITEM_BOX:
        fill(canvas, item);
        sides_draw(canvas, item, 0, PN_PAINT_DARK);
        break;
    case PN_ITEM_FRAME:
        sides_draw(canvas, item, 0, PN_PAINT_WHITE);
        sides_draw(canvas, item, 1, PN_PAINT_DARK);
        break;
    case PN_ITEM_SHADE:
        shade(canvas, item);
        break;
    case PN_ITEM_TEXT:
        text_draw(canvas, item, picture->texts.bytes + item->text);
        break;
    }
}

static bool
canvas_make(struct canvas *canvas, const struct pn_picture *picture)
{
    *canvas = (struct canvas){ picture->width, picture->height, NULL };
    canvas->pixels = malloc((size_t)canvas->width * canvas->height);
    if (!canvas->pixels)
        return false;
    memset(canvas->pixels, PN_PAINT_PAPER, (size_t)canvas->width * canvas->height);
    cells_draw(canvas, picture);
    for (size_t i = 0; i < picture->item_count; i++)
        item_draw(canvas, picture, &picture->items[i]);
    return true;
}

static void
write_bytes(png_structp png, png_bytep bytes, size_t size)
{
    pn_output_add(png_get_io_ptr(png), bytes, size);
}

static void
flush_bytes(png_structp png)
{
    (void)png; /* the output is flushed at its end */
}

static png_color
color_of(const char *text)
{
    unsigned long rgb = *text ? strtoul(text + 1, NULL, 16) : 0;

    return (png_color){ (png_byte)(rgb >> 16), (png_byte)(rgb >> 8), (png_byte)rgb };
}

static void
palette_fill(png_color palette[COLORS])
{
    for (size_t i = 0; i < SHADED; i++) {
        const struct pn_paint_look *look = &pn_paint_looks[i % PN_PAINT_COUNT];
        png_color c = color_of(i < INKS ? look->color : look->ink);

        palette[i] = c;
        palette[i + SHADED] = (png_color){ (png_byte)(c.red * GRID_LEAVES / 100),
                                           (png_byte)(c.green * GRID_LEAVES / 100),
                                           (png_byte)(c.blue * GRID_LEAVES / 100) };
    }
}

/* libpng comes back here by longjmp() when it fails. */
static bool
canvas_write(png_structp png, png_infop info, const struct canvas *canvas,
             const struct pn_picture *picture)
{
    png_color palette[COLORS];
    png_text note = { .compression = PNG_TEXT_COMPRESSION_NONE,
                      .key = (char[]){ "Title" },
                      .text = picture->title.bytes };

    if (setjmp(png_jmpbuf(png)))
        return false;
    palette_fill(palette);
    png_set_IHDR(png, info, canvas->width, canvas->height, 8, PNG_COLOR_TYPE_PALETTE,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_set_PLTE(png, info, palette, COLORS);
    png_set_text(png, info, &note, 1);
    png_write_info(png, info);
    for (unsigned y = 0; y < canvas->height; y++)
        png_write_row(png, canvas->pixels + (size_t)y * canvas->width);
    png_write_end(png, NULL);
    return true;
}

bool
pn_picture_png(const struct pn_picture *picture, struct pn_output *out)
{
    struct canvas canvas;
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    bool good = false;

    if (canvas_make(&canvas, picture) && info) {
        png_set_write_fn(png, out, write_bytes, flush_bytes);
        good = canvas_write(png, info, &canvas, picture);
    }
    png_destroy_write_struct(&png, &info);
    free(canvas.pixels);
    return good;
}
