/* The paint of each cell: what is in it, and how much of it that is. */
#include "compiler/number_text.h"
#include "tools/map.h"

/* Up to how many percent of a cell each step is; the last two are less than all, and
 * all. */
static const unsigned char steps[PN_SHARES - 2] = { 0, 1, 10, 25, 50, 75, 90 };
static const unsigned char tints[PN_TINTS - 2] = { 10 };

/* Is a part at most so many percent of all? In numbers that do not grow. */
static bool
is_within(pn_number part, pn_number all, unsigned percent)
{
    return part <= all / 100 * percent + all % 100 * percent / 100;
}

static unsigned
step_of(const unsigned char *limits, unsigned count, pn_number part, pn_number all)
{
    unsigned step = 0;

    if (part == all)
        return count + 1;
    while (step < count && !is_within(part, all, limits[step]))
        step++;
    return step;
}

static enum pn_paint
policy_paint(const pn_number counts[])
{
    pn_number all = 0;
    unsigned named = PN_MAP_KINDS;

    for (unsigned k = 0; k < PN_MAP_KINDS; k++) {
        all += counts[k];
        if (k >= PN_MAP_NAMED && counts[k] &&
            (named == PN_MAP_KINDS || counts[k] > counts[named]))
            named = k;
    }
    if (!all)
        return PN_PAINT_PAPER;
    if (named != PN_MAP_KINDS)
        return (enum pn_paint)(PN_PAINT_NAMED + named - PN_MAP_NAMED);
    if (!counts[PN_MAP_DENIED])
        return PN_PAINT_SHARE;
    return (enum pn_paint)(PN_PAINT_SHARE +
                           step_of(steps, PN_SHARES - 2, counts[PN_MAP_DENIED], all));
}

static enum pn_paint
change_paint(const pn_number counts[], pn_number size)
{
    static const enum pn_paint paints[] = { [PN_EFFECT_LOSES] = PN_PAINT_LOSES,
                                            [PN_EFFECT_GAINS] = PN_PAINT_GAINS,
                                            [PN_EFFECT_OTHER] = PN_PAINT_OTHER };
    unsigned found = PN_EFFECT_COUNT;

    for (unsigned k = 0; k < PN_EFFECT_COUNT; k++) {
        if (counts[k] && found != PN_EFFECT_COUNT)
            return PN_PAINT_SEVERAL;
        found = counts[k] ? k : found;
    }
    if (found == PN_EFFECT_COUNT)
        return PN_PAINT_SAME;
    return (enum pn_paint)(paints[found] +
                           step_of(tints, PN_TINTS - 2, counts[found], size));
}

struct painting {
    struct pn_map *map;
    struct pn_picture *picture;
};

static void
run_paint(void *payload, const struct pn_cell_run *run)
{
    struct painting *p = payload;
    enum pn_paint paint = pn_map_is_change(p->map)
                              ? change_paint(run->counts, run->size)
                              : policy_paint(run->counts);
    uint64_t cells = run->last - run->first + 1;

    for (unsigned k = 0; k < PN_MAP_KINDS; k++) {
        p->map->sums[k].addresses += run->counts[k] * cells;
        p->map->sums[k].cells += run->counts[k] ? cells : 0;
    }
    p->map->size += run->size * cells;
    for (uint64_t at = run->first; at <= run->last; at++)
        pn_picture_set(p->picture, at, paint);
}

int
pn_map_paint(struct pn_map *map, struct pn_picture *picture)
{
    const struct pn_cells cells = { .first = map->view.first,
                                    .last = map->view.last,
                                    .family = map->view.family,
                                    .bits = 2 * map->order,
                                    .zeros = &pn_map_blocks(map)->zeros,
                                    .work = &map->tool->work };
    struct painting painting = { map, picture };
    enum postern_status status;

    /* another question than that for the parts, and one that grows as they do */
    map->tool->work = pn_work_for(map->part_count);
    status = pn_cells_walk(&cells, map->parts, map->part_count, run_paint, &painting);
    return status == POSTERN_OK
               ? PN_EXIT_OK
               : pn_tool_fail_status(map->tool, map->files[map->file_count - 1],
                                     status);
}

void
pn_map_kind_write(struct pn_buffer *out, const struct pn_map *map, unsigned kind)
{
    static const char *const effects[] = { [PN_EFFECT_LOSES] = "loses access",
                                           [PN_EFFECT_GAINS] = "gains access",
                                           [PN_EFFECT_OTHER] = "answered otherwise" };

    if (pn_map_is_change(map)) {
        pn_buffer_add_text(out, effects[kind]);
    } else if (kind >= PN_MAP_NAMED) {
        pn_buffer_add_text(out, "with ");
        pn_buffer_add_text(out, map->privileged.names[kind - PN_MAP_NAMED]);
    } else {
        pn_buffer_add_text(out, kind == PN_MAP_DENIED ? "denied" : "allowed");
    }
}

enum pn_paint
pn_map_kind_paint(const struct pn_map *map, unsigned kind)
{
    pn_number counts[PN_CELL_KINDS] = { 0 };

    counts[kind] = 1;
    return pn_map_is_change(map) ? change_paint(counts, 1) : policy_paint(counts);
}

struct pn_hilbert_box
pn_map_box(const struct pn_map *map, unsigned order, pn_number first, unsigned length)
{
    unsigned cell = pn_family_bits(map->view.family) - map->length - 2 * order;
    unsigned bits = pn_family_bits(map->view.family) - length;

    return pn_hilbert_box(order, (uint64_t)((first - map->view.first) >> cell),
                          bits > cell ? bits - cell : 0);
}
