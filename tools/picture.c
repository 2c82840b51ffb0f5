/* What pictures are made of; docs/look.md says how the colours were chosen. */
#include "tools/picture.h"

#include <stdlib.h>

#include "base/vector.h"

/*
 * From allowed to denied the shares go from dark to light, also for eyes without one
 * kind of cone and in grey; the first and the last step are wide, so that a cell is
 * never taken for one that is wholly allowed or denied.
 */
const struct pn_paint_look pn_paint_looks[PN_PAINT_COUNT] = {
    [PN_PAINT_PAPER] = { "#ffffff", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE] = { "#0d3b8c", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 1] = { "#5f4f83", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 2] = { "#795c7d", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 3] = { "#8e6778", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 4] = { "#a17272", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 5] = { "#b37e6c", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 6] = { "#c58a65", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 7] = { "#da985c", PN_HATCH_NONE, "" },
    [PN_PAINT_SHARE + 8] = { "#ffb347", PN_HATCH_NONE, "" },
    [PN_PAINT_NAMED] = { "#fdf3fb", PN_HATCH_RISING, "#8a0f6b" },
    [PN_PAINT_NAMED + 1] = { "#e6faf2", PN_HATCH_FALLING, "#00594a" },
    [PN_PAINT_NAMED + 2] = { "#fffbe0", PN_HATCH_DOTS, "#4f4200" },
    [PN_PAINT_NAMED + 3] = { "#f0f0f0", PN_HATCH_LEVEL, "#202020" },
    [PN_PAINT_SAME] = { "#f2f2ef", PN_HATCH_NONE, "" },
    [PN_PAINT_LOSES] = { "#ffd08a", PN_HATCH_FALLING, "#b87716" },
    [PN_PAINT_LOSES + 1] = { "#f5a030", PN_HATCH_FALLING, "#9a5a00" },
    [PN_PAINT_LOSES + 2] = { "#d97a00", PN_HATCH_FALLING, "#7a4200" },
    [PN_PAINT_GAINS] = { "#8fb0ea", PN_HATCH_RISING, "#3f68b4" },
    [PN_PAINT_GAINS + 1] = { "#4a74c4", PN_HATCH_RISING, "#12306e" },
    [PN_PAINT_GAINS + 2] = { "#0d3b8c", PN_HATCH_RISING, "#5f8ae0" },
    [PN_PAINT_OTHER] = { "#d5b8e2", PN_HATCH_DOTS, "#80509a" },
    [PN_PAINT_OTHER + 1] = { "#b48cc8", PN_HATCH_DOTS, "#552a6c" },
    [PN_PAINT_OTHER + 2] = { "#9a68b4", PN_HATCH_DOTS, "#3c1450" },
    [PN_PAINT_SEVERAL] = { "#202020", PN_HATCH_NONE, "" },
    [PN_PAINT_DARK] = { "#14181f", PN_HATCH_NONE, "" },
    [PN_PAINT_FAINT] = { "#59636e", PN_HATCH_NONE, "" },
    [PN_PAINT_WHITE] = { "#ffffff", PN_HATCH_NONE, "" },
};

bool
pn_hatch_has(enum pn_hatch hatch, unsigned x, unsigned y)
{
    unsigned half = PN_HATCH_SIZE / 2;

    switch (hatch) {
    case PN_HATCH_RISING:
        return (x + y) % PN_HATCH_SIZE < 2;
    case PN_HATCH_FALLING:
        return (x + PN_HATCH_SIZE - y % PN_HATCH_SIZE) % PN_HATCH_SIZE < 2;
    case PN_HATCH_DOTS:
        return (x % half < 2 && y % half < 2) && (x / half + y / half) % 2 == 0;
    case PN_HATCH_LEVEL:
        return y % half == 0;
    default:
        return false;
    }
}

bool
pn_paint_is_dark(enum pn_paint paint)
{
    unsigned long rgb = strtoul(pn_paint_looks[paint].color + 1, NULL, 16);
    /* in tenths of what each adds to how light it is */
    unsigned long light = 3 * (rgb >> 16) + 6 * (rgb >> 8 & 255) + (rgb & 255);

    return light < 10 * 140;
}

bool
pn_picture_begin(struct pn_picture *picture, unsigned order, unsigned cell)
{
    *picture = (struct pn_picture){ .order = order, .cell = cell };
    picture->cells = calloc((size_t)1 << 2 * order, 1);
    picture->failed = !picture->cells;
    return !picture->failed;
}

void
pn_picture_clear(struct pn_picture *picture)
{
    free(picture->cells);
    free(picture->items);
    free(picture->hovers);
    free(picture->boxes);
    pn_buffer_free(&picture->texts);
    pn_buffer_free(&picture->title);
    *picture = (struct pn_picture){ 0 };
}

void
pn_picture_set(struct pn_picture *picture, uint64_t at, enum pn_paint paint)
{
    unsigned x, y;

    pn_hilbert_place(picture->order, at, &x, &y);
    picture->cells[((size_t)y << picture->order) + x] = (uint8_t)paint;
}

void
pn_picture_item(struct pn_picture *picture, const struct pn_item *item)
{
    if (!pn_vector_add(&picture->items, &picture->item_count, &picture->item_capacity,
                       item, sizeof(*item)))
        picture->failed = true;
}

void
pn_picture_text(struct pn_picture *picture, const struct pn_item *where,
                struct pn_str text)
{
    struct pn_item item = *where;

    item.kind = PN_ITEM_TEXT;
    item.text = picture->texts.size;
    item.size = text.len;
    item.width = pn_text_width(text, item.scale);
    item.height = PN_LETTER_HEIGHT * item.scale;
    pn_buffer_add_str(&picture->texts, text);
    pn_picture_item(picture, &item);
}

unsigned
pn_text_width(struct pn_str text, unsigned scale)
{
    return (unsigned)text.len * PN_LETTER_WIDTH * scale;
}
