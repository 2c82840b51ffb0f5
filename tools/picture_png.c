/* The picture as PNG, by libpng: a palette, and a pixel a cell. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "tools/picture.h"

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
    unsigned long rgb = strtoul(text + 1, NULL, 16);

    return (png_color){ (png_byte)(rgb >> 16), (png_byte)(rgb >> 8), (png_byte)rgb };
}

/* libpng comes back here by longjmp() when it fails. */
static bool
picture_write(png_structp png, png_infop info, const struct pn_picture *picture,
              char *title, png_bytep plane)
{
    unsigned side = 1u << picture->order;
    png_color palette[PN_PAINT_COUNT];
    png_text note = { .compression = PNG_TEXT_COMPRESSION_NONE,
                      .key = (char[]){ "Title" },
                      .text = title };

    if (setjmp(png_jmpbuf(png)))
        return false;
    for (size_t i = 0; i < PN_PAINT_COUNT; i++)
        palette[i] = color_of(pn_paint_colors[i]);
    png_set_IHDR(png, info, side, side, 8, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_PLTE(png, info, palette, PN_PAINT_COUNT);
    png_set_text(png, info, &note, 1);
    png_write_info(png, info);
    for (unsigned y = 0; y < side; y++)
        png_write_row(png, plane + (size_t)y * side);
    png_write_end(png, NULL);
    return true;
}

bool
pn_picture_png(const struct pn_picture *picture, char *title, struct pn_output *out)
{
    png_bytep plane = pn_picture_plane(picture);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    bool good = false;

    if (plane && info) {
        png_set_write_fn(png, out, write_bytes, flush_bytes);
        good = picture_write(png, info, picture, title, plane);
    }
    png_destroy_write_struct(&png, &info);
    free(plane);
    return good;
}
