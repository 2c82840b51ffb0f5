/* One sweep over the parts: those that reach the current cell are counted. */
#include "analysis/cells.h"

#include <stdlib.h>

#include "base/memory.h"

struct sweep {
    const struct pn_cells *cells;
    const struct pn_cell_part **active; /* parts that reach the current cell */
    size_t active_count;
    struct pn_weights *weights; /* by number of a set of patterns, less one */
};

pn_number
pn_cells_mask(const struct pn_cells *cells)
{
    return (cells->last - cells->first) >> cells->bits;
}

static int
part_compare(const void *left, const void *right)
{
    const struct pn_cell_part *a = left, *b = right;

    if (a->extent.first != b->extent.first)
        return a->extent.first < b->extent.first ? -1 : 1;
    return (a->extent.last > b->extent.last) - (a->extent.last < b->extent.last);
}

static pn_number
count_within(const struct sweep *s, const struct pn_extent *extent, pn_number first,
             pn_number last)
{
    first = first < extent->first ? extent->first : first;
    last = last > extent->last ? extent->last : last;
    if (first > last)
        return 0;
    return extent->zeros ? pn_weights_count(&s->weights[extent->zeros - 1], first, last)
                         : last - first + 1;
}

/* Of the addresses of a cell, those that are asked for as what they are. */
static pn_number
size_of(const struct pn_cells *cells, pn_number first, pn_number last)
{
    pn_number size = last - first + 1;

    if (cells->family == 6 && first <= PN_MAPPED_LAST && last >= PN_MAPPED_FIRST)
        size -= (last < PN_MAPPED_LAST ? last : PN_MAPPED_LAST) -
                (first > PN_MAPPED_FIRST ? first : PN_MAPPED_FIRST) + 1;
    return size;
}

/*
 * The last cell that is like this one: both lie within the same parts, whole, and no
 * other begins. `next` is the first part that is not active.
 */
static uint64_t
alike_until(const struct sweep *s, uint64_t at, const struct pn_cell_part *next)
{
    const struct pn_cells *cells = s->cells;
    pn_number mask = pn_cells_mask(cells), first = cells->first + at * (mask + 1);
    pn_number end = cells->last; /* last address of the cells that are alike */

    if (next && next->extent.first <= end)
        end = next->extent.first - 1;
    for (size_t i = 0; i < s->active_count; i++) {
        const struct pn_extent *extent = &s->active[i]->extent;

        if (extent->zeros || extent->first > first)
            return at;
        end = end < extent->last ? end : extent->last;
    }
    if (cells->family == 6 && end >= PN_MAPPED_FIRST && first <= PN_MAPPED_LAST)
        return at;
    if (cells->family == 6 && end >= PN_MAPPED_FIRST && first < PN_MAPPED_FIRST)
        end = PN_MAPPED_FIRST - 1;
    if (end - first < mask)
        return at;
    return at + (uint64_t)((end - first - mask) / (mask + 1));
}

/* Without those that ended before the cell. */
static void
ended_drop(struct sweep *s, pn_number first)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->active_count; i++)
        if (s->active[i]->extent.last >= first)
            s->active[kept++] = s->active[i];
    s->active_count = kept;
}

static bool
sweep_run(struct sweep *s, const struct pn_cell_part *parts, size_t count,
          pn_cell_fn take, void *payload)
{
    const struct pn_cells *cells = s->cells;
    pn_number mask = pn_cells_mask(cells);
    uint64_t all = UINT64_C(1) << cells->bits;
    size_t next = 0;

    for (uint64_t at = 0; at < all;) {
        pn_number first = cells->first + at * (mask + 1), last = first + mask;
        struct pn_cell_run run = { .first = at, .size = size_of(cells, first, last) };

        ended_drop(s, first);
        while (next < count && parts[next].extent.first <= last)
            s->active[s->active_count++] = &parts[next++];
        for (size_t i = 0; i < s->active_count; i++)
            run.counts[s->active[i]->kind] +=
                count_within(s, &s->active[i]->extent, first, last);
        if (!pn_work_take(cells->work, s->active_count + 1))
            return false;
        run.last = alike_until(s, at, next < count ? &parts[next] : NULL);
        take(payload, &run);
        at = run.last + 1;
    }
    return true;
}

/* Brings the parts that the cells have to the front, in order; how many. */
static size_t
parts_choose(const struct pn_cells *cells, struct pn_cell_part *parts, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (parts[i].extent.family == cells->family &&
            parts[i].extent.last >= cells->first &&
            parts[i].extent.first <= cells->last) {
            struct pn_cell_part part = parts[kept];

            parts[kept++] = parts[i];
            parts[i] = part;
        }
    if (kept)
        qsort(parts, kept, sizeof(*parts), part_compare);
    return kept;
}

enum postern_status
pn_cells_walk(const struct pn_cells *cells, struct pn_cell_part *parts, size_t count,
              pn_cell_fn take, void *payload)
{
    const struct pn_intern *zeros = cells->zeros;
    struct sweep s = { .cells = cells };
    size_t kept = parts_choose(cells, parts, count);
    enum postern_status status = POSTERN_E_NOMEM;

    s.active = pn_calloc(kept + 1, sizeof(const struct pn_cell_part *));
    s.weights = pn_calloc(zeros->count + 1, sizeof(*s.weights));
    if (!s.active || !s.weights)
        goto done;
    for (uint32_t i = 0; i < zeros->count; i++) {
        struct pn_zeros set = pn_zeros_kept(zeros, i + 1);

        pn_weights_make(&s.weights[i], &set);
    }
    if (sweep_run(&s, parts, kept, take, payload))
        status = POSTERN_OK;
done:
    pn_free(s.active);
    pn_free(s.weights);
    return status;
}
