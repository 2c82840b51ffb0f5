/* The title above the cells, and what the paints mean below them. */
#include "analysis/extent_text.h"
#include "compiler/number_text.h"
#include "tools/map.h"

enum {
    BOX = 22,     /* of a paint, in pixels */
    GAP = 8,      /* between a box and its text, */
    BETWEEN = 26, /* and the next box */
    LINE = 34,    /* from one line of the legend to the next */
    SHARE_HEIGHT = 34,
    TITLE_SCALE = 3,
    TEXT_SCALE = 2,
    DOTS = 3,
    DROP = 4,  /* a text beside a box is so much lower, */
    NAME = 250 /* and boxes begin so far behind a name */
};

struct legend {
    const struct pn_map *map;
    struct pn_picture *picture;
    unsigned unit, x, y; /* where the next one begins */
};

static void
text_add(struct legend *l, unsigned scale, enum pn_paint paint, struct pn_str text)
{
    struct pn_item at = {
        .x = l->x, .y = l->y, .scale = scale * l->unit, .paint = paint
    };
    unsigned room =
        (l->picture->width - l->picture->left - l->x) / (PN_LETTER_WIDTH * at.scale);

    struct pn_buffer cut = { 0 };

    if (text.len > room && room > DOTS) { /* what does not fit ends in dots */
        pn_buffer_add(&cut, text.ptr, room - DOTS);
        pn_buffer_add_text(&cut, "...");
        l->picture->failed |= cut.failed;
        text = pn_str_of(&cut);
    }
    pn_picture_text(l->picture, &at, text);
    l->x += pn_text_width(text, at.scale);
    pn_buffer_free(&cut);
}

static void
line_begin(struct legend *l, unsigned height)
{
    l->x = l->picture->left;
    l->y += height * l->unit;
}

/* A box and what it means; on the next line where this one is full. */
static void
paint_add(struct legend *l, enum pn_paint paint, struct pn_str text)
{
    struct pn_item box = { .kind = PN_ITEM_BOX,
                           .paint = paint,
                           .width = BOX * l->unit,
                           .height = BOX * l->unit };
    unsigned need = (BOX + GAP) * l->unit + pn_text_width(text, TEXT_SCALE * l->unit);

    if (l->x > l->picture->left && l->x + need > l->picture->width - l->picture->left)
        line_begin(l, LINE);
    box.x = l->x;
    box.y = l->y;
    pn_picture_item(l->picture, &box);
    l->x += (BOX + GAP) * l->unit;
    l->y += DROP * l->unit;
    text_add(l, TEXT_SCALE, PN_PAINT_DARK, text);
    l->y -= DROP * l->unit;
    l->x += BETWEEN * l->unit;
}

/* The steps side by side, from all that is allowed to all that is denied. */
static void
shares_draw(struct legend *l)
{
    static const char *const texts[PN_SHARES] = { "allowed", "1 %",  "10 %",
                                                  "25 %",    "50 %", "75 %",
                                                  "90 %",    "more", "denied" };
    unsigned side = l->picture->width - 2 * l->picture->left;

    text_add(l, TEXT_SCALE, PN_PAINT_DARK,
             PN_STR("Each cell by how much of it is denied, up to"));
    line_begin(l, TEXT_SCALE * PN_LETTER_HEIGHT + GAP);
    for (unsigned i = 0; i < PN_SHARES; i++) {
        struct pn_str text = pn_str_of_text(texts[i]);
        struct pn_item box = { .kind = PN_ITEM_BOX,
                               .paint = (enum pn_paint)(PN_PAINT_SHARE + i),
                               .x = l->picture->left + side * i / PN_SHARES,
                               .y = l->y,
                               .height = SHARE_HEIGHT * l->unit };
        struct pn_item at = { .y = l->y + GAP * l->unit,
                              .scale = TEXT_SCALE * l->unit };

        box.width = l->picture->left + side * (i + 1) / PN_SHARES - box.x;
        at.paint = pn_paint_is_dark(box.paint) ? PN_PAINT_WHITE : PN_PAINT_DARK;
        at.x = box.x + (box.width - pn_text_width(text, at.scale)) / 2;
        pn_picture_item(l->picture, &box);
        pn_picture_text(l->picture, &at, text);
    }
    line_begin(l, SHARE_HEIGHT + GAP);
}

static void
policy_legend(struct legend *l)
{
    const struct pn_map *map = l->map;

    shares_draw(l);
    for (unsigned k = PN_MAP_NAMED; k < PN_MAP_KINDS; k++) {
        struct pn_buffer text = { 0 };

        if (!map->sums[k].cells)
            continue;
        pn_buffer_add_text(&text, "some or all of it ");
        pn_map_kind_write(&text, map, k);
        paint_add(l, pn_map_kind_paint(map, k), pn_str_of(&text));
        l->picture->failed |= text.failed;
        pn_buffer_free(&text);
    }
    if (l->x > l->picture->left)
        line_begin(l, LINE);
}

static void
change_legend(struct legend *l)
{
    static const char *const shares[PN_TINTS] = { "up to 10 % of a cell", "more",
                                                  "all of it" };
    const struct pn_map *map = l->map;
    bool any = false;

    for (unsigned k = 0; k < PN_EFFECT_COUNT; k++) {
        struct pn_buffer name = { 0 };

        if (!map->sums[k].cells)
            continue;
        any = true;
        pn_map_kind_write(&name, map, k);
        l->y += DROP * l->unit;
        text_add(l, TEXT_SCALE, PN_PAINT_DARK, pn_str_of(&name));
        l->y -= DROP * l->unit;
        l->x = l->picture->left + NAME * l->unit;
        l->picture->failed |= name.failed;
        pn_buffer_free(&name);
        for (unsigned i = 0; i < PN_TINTS; i++)
            paint_add(l, (enum pn_paint)(pn_map_kind_paint(map, k) + i + 1 - PN_TINTS),
                      pn_str_of_text(shares[i]));
        line_begin(l, LINE);
    }
    paint_add(l, PN_PAINT_SAME,
              any ? PN_STR("no change") : PN_STR("nothing changes here"));
    if (any)
        paint_add(l, PN_PAINT_SEVERAL, PN_STR("more than one change"));
    line_begin(l, LINE);
}

static void
size_write(struct pn_buffer *out, const struct pn_map *map, unsigned bits)
{
    unsigned free = pn_family_bits(map->view.family) - bits;

    pn_buffer_add_format(out, "a /%u", bits);
    if (free == 0)
        return;
    pn_buffer_add_text(out, " (");
    if (free < 32)
        pn_number_write_addresses(out, 0, ((pn_number)1 << free) - 1);
    else
        pn_buffer_add_format(out, "2^%u addresses", free);
    pn_buffer_add_text(out, ")");
}

/* How the picture is to be read. */
static void
scale_legend(struct legend *l)
{
    const struct pn_map *map = l->map;
    struct pn_buffer text = { 0 };
    unsigned order = map->order, grid = order < 4 ? order : 4;

    pn_buffer_add_text(&text, "A cell is ");
    size_write(&text, map, map->length + 2 * order);
    pn_buffer_add_format(&text, ", a square of the grid a /%u.",
                         map->length + 2 * grid);
    text_add(l, TEXT_SCALE, PN_PAINT_FAINT, pn_str_of(&text));
    line_begin(l, TEXT_SCALE * PN_LETTER_HEIGHT + GAP);
    text_add(l, TEXT_SCALE, PN_PAINT_FAINT,
             PN_STR("Addresses run along a Hilbert curve from the upper left."));
    line_begin(l, TEXT_SCALE * PN_LETTER_HEIGHT);
    l->picture->failed |= text.failed;
    pn_buffer_free(&text);
}

/* "272 addresses denied, 1.80 % with RELAYCLIENT, all else allowed". */
static void
sums_write(struct pn_buffer *out, const struct pn_map *map)
{
    bool any = false;

    for (unsigned k = 0; k < PN_MAP_KINDS; k++) {
        const struct pn_map_sum *sum = &map->sums[k];

        if (!sum->cells || k == map->ground)
            continue;
        pn_buffer_add_text(out, any ? ", " : "");
        any = true;
        if (sum->addresses > map->size / 10000)
            pn_share_write(out, sum->addresses, map->size);
        else
            pn_number_write_addresses(out, 0, sum->addresses - 1);
        pn_buffer_add_text(out, " ");
        pn_map_kind_write(out, map, k);
    }
    if (pn_map_is_change(map)) {
        pn_buffer_add_text(out, any ? ", else as before" : "nothing changes");
        return;
    }
    pn_buffer_add_text(out, any ? ", all else " : "all ");
    pn_map_kind_write(out, map, map->ground);
}

static void
title_draw(struct legend *l)
{
    const struct pn_map *map = l->map;
    struct pn_picture *p = l->picture;
    struct pn_buffer text = { 0 };

    pn_buffer_add_text(&p->title, map->files[0]);
    if (pn_map_is_change(map)) {
        pn_buffer_add_text(&p->title, " to ");
        pn_buffer_add_text(&p->title, map->files[1]);
    }
    pn_buffer_add_text(&p->title, ", ");
    pn_extent_write(&p->title, &map->view);
    text_add(l, TITLE_SCALE, PN_PAINT_DARK, pn_str_of(&p->title));
    pn_buffer_add(&p->title, "", 1);
    line_begin(l, TITLE_SCALE * PN_LETTER_HEIGHT + GAP);
    sums_write(&text, map);
    text_add(l, TEXT_SCALE, PN_PAINT_FAINT, pn_str_of(&text));
    line_begin(l, TEXT_SCALE * PN_LETTER_HEIGHT + GAP);
    p->failed |= p->title.failed || text.failed;
    pn_buffer_free(&text);
}

void
pn_map_frame(const struct pn_map *map, struct pn_picture *picture)
{
    unsigned side = picture->cell << picture->order;
    struct legend l = { map, picture, side > 1024 ? side / 1024 : 1, 0, 0 };

    picture->left = 24 * l.unit;
    picture->width = side + 2 * picture->left;
    l.x = picture->left;
    l.y = 16 * l.unit;
    title_draw(&l);
    picture->top = l.y + GAP * l.unit;
    l.y = picture->top + side;
    line_begin(&l, 16);
    if (pn_map_is_change(map))
        change_legend(&l);
    else
        policy_legend(&l);
    scale_legend(&l);
    picture->height = l.y + 30 * l.unit;
}
