/* What stands over the cells: a grid with its numbers, the names of special ranges, and
 * a mark for each part that is too small to be seen. */
#include <stdlib.h>
#include <string.h>

#include "analysis/extent_text.h"
#include "base/sizes.h"
#include "compiler/prefixes.h"
#include "tools/input/targets.h"
#include "tools/map.h"

enum {
    GRID_BITS = 8,   /* the grid is of 16 by 16 squares, */
    NAME_LEAST = 60, /* a range has its name when it is so wide, in pixels, */
    NAME_SPACE = 4,  /* and so much is between the frame and the name */
    SMALL = 8,       /* what is narrower is marked, */
    MARK = 13,       /* by a box of this size, */
    BESIDE_MAX = 3,  /* it goes so many places aside, */
    MARKS_MAX = 30   /* unless there are more of them */
};

static const struct {
    const char *prefix, *name;
} special[] = {
#define X(prefix, name) { prefix, name },
#include "tools/special_ranges.def"
#undef X
};

/* What furnishing needs all the time. */
struct room {
    const struct pn_map *map;
    struct pn_picture *picture;
    unsigned unit; /* pixels of a picture of 1024: large ones have larger texts */
    unsigned bits; /* of the family */
    unsigned marks;
    size_t first_mark; /* of the picture's items */
};

/* In pixels of the picture. */
static struct pn_item
place_of(const struct room *room, struct pn_hilbert_box box)
{
    const struct pn_picture *p = room->picture;

    return (struct pn_item){ .x = p->left + box.x * p->cell,
                             .y = p->top + box.y * p->cell,
                             .width = box.width * p->cell,
                             .height = box.height * p->cell };
}

static bool
is_dark_at(const struct pn_picture *p, unsigned x, unsigned y)
{
    unsigned side = 1u << p->order;
    unsigned column = (x - p->left) / p->cell, row = (y - p->top) / p->cell;

    column = column < side ? column : side - 1;
    row = row < side ? row : side - 1;
    return pn_paint_is_dark(
        (enum pn_paint)p->cells[((size_t)row << p->order) + column]);
}

/* Is what is below a text plain and without a pattern, light or dark? */
static void
text_put(struct room *room, struct pn_item item, struct pn_str text)
{
    const struct pn_picture *p = room->picture;
    unsigned width = pn_text_width(text, item.scale), dark = 0, patterns = 0, all = 0;
    unsigned step = PN_LETTER_WIDTH * item.scale;

    for (unsigned y = item.y; y <= item.y + PN_LETTER_HEIGHT * item.scale; y += step)
        for (unsigned x = item.x; x <= item.x + width; x += step, all++) {
            size_t row = (y - p->top) / p->cell, column = (x - p->left) / p->cell;
            size_t last = ((size_t)1 << p->order) - 1;
            enum pn_paint paint =
                (enum pn_paint)p->cells[((row < last ? row : last) << p->order) +
                                        (column < last ? column : last)];

            dark += is_dark_at(p, x, y);
            patterns += pn_paint_looks[paint].hatch != PN_HATCH_NONE;
        }
    item.paint = 2 * dark > all ? PN_PAINT_WHITE : PN_PAINT_DARK;
    item.halo = (dark && dark < all) || patterns;
    pn_picture_text(room->picture, &item, text);
}

/*
 * The numbers of a square of the grid that those before and after it do not share.
 * Where that is two of IPv4, the first one is written only where it begins.
 */
static void
grid_number_write(struct pn_buffer *out, const struct room *room, pn_number first,
                  unsigned length)
{
    unsigned from = room->map->length, digits;

    if (room->bits == 32) {
        unsigned last = (length - 1) / 8 * 8,
                 octet = (unsigned)(first >> (24 - last)) & 255;

        if (last > from && octet == 0)
            pn_buffer_add_format(out, "%s%u", last > 8 ? "." : "",
                                 (unsigned)(first >> (32 - last)) & 255);
        pn_buffer_add_format(out, "%s%u", last ? "." : "", octet);
        return;
    }
    from = from / 4 * 4;
    digits = (length - from + 3) / 4;
    pn_buffer_add_format(out, "%0*x", (int)digits,
                         (unsigned)(first >> (room->bits - from - 4 * digits)) &
                             ((1u << 4 * digits) - 1));
}

static void
grid_draw(struct room *room)
{
    const struct pn_map *map = room->map;
    struct pn_picture *p = room->picture;
    unsigned bits = 2 * p->order < GRID_BITS ? 2 * p->order : GRID_BITS;
    unsigned across = 1u << bits / 2, side = p->cell << p->order, step = side / across;

    for (unsigned i = 1; i < across; i++) {
        struct pn_item down = { .kind = PN_ITEM_SHADE,
                                .x = p->left + i * step,
                                .y = p->top,
                                .width = room->unit,
                                .height = side };
        struct pn_item level = { .kind = PN_ITEM_SHADE,
                                 .x = p->left,
                                 .y = p->top + i * step,
                                 .width = side,
                                 .height = room->unit };

        pn_picture_item(p, &down);
        pn_picture_item(p, &level);
    }
    for (unsigned i = 0; i < 1u << bits; i++) {
        unsigned length = map->length + bits, x, y;
        pn_number first = map->view.first + ((pn_number)i << (room->bits - length));
        struct pn_item at = { .scale = 2 * room->unit };
        struct pn_buffer text = { 0 };

        pn_hilbert_place(bits / 2, i, &x, &y);
        grid_number_write(&text, room, first, length);
        at.x = p->left + x * step + NAME_SPACE * room->unit;
        at.y = p->top + y * step + NAME_SPACE * room->unit;
        if (pn_text_width(pn_str_of(&text), at.scale) < step)
            text_put(room, at, pn_str_of(&text));
        p->failed |= text.failed;
        pn_buffer_free(&text);
    }
}

/* Names of ranges stand at the lower left of them, where no number of the grid is. */
static void
names_draw(struct room *room)
{
    const struct pn_map *map = room->map;

    for (size_t i = 0; i < PN_COUNT_OF(special); i++) {
        struct pn_str name = pn_str_of_text(special[i].name);
        struct pn_extent e;
        struct pn_item frame, at;
        unsigned length;

        if (!pn_extent_read(special[i].prefix, &e) || e.family != map->view.family ||
            e.first < map->view.first || e.last > map->view.last)
            continue;
        length = pn_prefix_at(e.family, e.first, e.last);
        frame = place_of(room, pn_map_box(map, room->picture->order, e.first, length));
        if (length <= map->length || frame.width < NAME_LEAST * room->unit ||
            frame.height < NAME_LEAST / 2 * room->unit)
            continue;
        frame.kind = PN_ITEM_FRAME;
        pn_picture_item(room->picture, &frame);
        at = frame;
        at.scale = room->unit;
        if (pn_text_width(name, 2 * at.scale) + 2 * NAME_SPACE * room->unit <=
            frame.width)
            at.scale *= 2;
        at.x += NAME_SPACE * room->unit;
        at.y += frame.height - (PN_LETTER_HEIGHT + 1) * at.scale;
        if (pn_text_width(name, at.scale) <= frame.width)
            text_put(room, at, name);
    }
}

static bool
overlap(const struct pn_item *a, const struct pn_item *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width &&
           a->y < b->y + b->height && b->y < a->y + a->height;
}

/* Is there room for it among the cells, and among the marks before it? */
static bool
is_free(const struct room *room, const struct pn_item *item)
{
    const struct pn_picture *p = room->picture;
    unsigned side = p->cell << p->order;

    /* what would begin left of the picture has wrapped around */
    if (item->x < p->left || item->x > p->left + side || item->y < p->top ||
        item->y > p->top + side || item->x + item->width > p->left + side ||
        item->y + item->height > p->top + side)
        return false;
    for (size_t i = room->first_mark; i < p->item_count; i++)
        if (overlap(item, &p->items[i]))
            return false;
    return true;
}

/* Where something of this size begins, with its middle there, but within the cells. */
static unsigned
within(unsigned middle, unsigned first, unsigned side, unsigned size)
{
    unsigned at = middle > first + size / 2 ? middle - size / 2 : first;

    return at + size > first + side ? first + side - size : at;
}

/* The range beside its mark, on a label, on whatever side there is room. */
static void
mark_name(struct room *room, const struct pn_item *box, struct pn_str text)
{
    unsigned scale = 2 * room->unit, gap = 2 * room->unit;
    unsigned width = pn_text_width(text, scale) + 2 * gap;
    unsigned height = PN_LETTER_HEIGHT * scale;
    unsigned side = room->picture->cell << room->picture->order;
    unsigned along = within(box->x + box->width / 2, room->picture->left, side, width);
    unsigned beside =
        within(box->y + box->height / 2, room->picture->top, side, height);
    const unsigned places[][2] = { { box->x + box->width + gap, beside },
                                   { box->x - gap - width, beside },
                                   { along, box->y + box->height + gap },
                                   { along, box->y - gap - height } };
    struct pn_item label = {
        .kind = PN_ITEM_BOX, .paint = PN_PAINT_PAPER, .width = width, .height = height
    };

    for (size_t i = 0; i < PN_COUNT_OF(places); i++) {
        struct pn_item at;

        label.x = places[i][0];
        label.y = places[i][1];
        if (!is_free(room, &label))
            continue;
        at = label;
        at.paint = PN_PAINT_DARK;
        at.scale = scale;
        at.x += gap;
        at.y += gap;
        pn_picture_item(room->picture, &label);
        pn_picture_text(room->picture, &at, text);
        return;
    }
}

/* A mark of a part that is too small. */
static void
mark_draw(struct room *room, const struct pn_cell_part *part)
{
    const struct pn_map *map = room->map;
    struct pn_picture *p = room->picture;
    unsigned side = p->cell << p->order, size = MARK * room->unit;
    struct pn_item box =
        place_of(room, pn_map_box(map, p->order, part->extent.first, room->bits));
    struct pn_buffer text = { 0 };

    box.kind = PN_ITEM_BOX;
    box.paint = pn_map_kind_paint(map, part->kind);
    box.x = within(box.x + box.width / 2, p->left, side, size);
    box.y = within(box.y + box.height / 2, p->top, side, size);
    box.width = box.height = size;
    for (unsigned i = 0; i < BESIDE_MAX && !is_free(room, &box); i++)
        box.x += size; /* another mark is there */
    pn_picture_item(p, &box);
    pn_extent_write(&text, &part->extent);
    mark_name(room, &box, pn_str_of(&text));
    p->failed |= text.failed;
    pn_buffer_free(&text);
}

/* Is it so small that nobody would see it? A range may be of several prefixes. */
static bool
is_small(const struct room *room, const struct pn_cell_part *part)
{
    const struct pn_map *map = room->map;
    const struct pn_picture *p = room->picture;
    pn_number size = part->extent.last - part->extent.first;
    unsigned cells = room->bits - map->length - 2 * p->order, small = 0;

    while ((p->cell << small) < SMALL * room->unit)
        small++;
    return part->extent.family == map->view.family && part->kind != map->ground &&
           part->extent.first >= map->view.first &&
           part->extent.last <= map->view.last &&
           size < ((pn_number)1 << (cells + 2 * small)) - 1;
}

static void
marks_draw(struct room *room)
{
    const struct pn_map *map = room->map;

    room->first_mark = room->picture->item_count;
    for (size_t i = 0; i < map->part_count && room->marks <= MARKS_MAX; i++)
        room->marks += is_small(room, &map->parts[i]);
    for (size_t i = 0; i < map->part_count && room->marks <= MARKS_MAX; i++)
        if (is_small(room, &map->parts[i]))
            mark_draw(room, &map->parts[i]);
}

void
pn_map_furnish(const struct pn_map *map, struct pn_picture *picture)
{
    unsigned side = picture->cell << picture->order;
    struct room room = { .map = map,
                         .picture = picture,
                         .unit = side > 1024 ? side / 1024 : 1,
                         .bits = pn_family_bits(map->view.family) };
    struct pn_item frame = { .kind = PN_ITEM_FRAME,
                             .x = picture->left - 1,
                             .y = picture->top - 1,
                             .width = side + 2,
                             .height = side + 2 };

    grid_draw(&room);
    names_draw(&room);
    marks_draw(&room);
    pn_picture_item(picture, &frame);
}
