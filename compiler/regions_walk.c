/* Every tuple of classes once, and what two sides decide otherwise. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#include "compiler/regions_cells.h"

static int
compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* The candidates that an area is asked with, ascending; `out` has room for all. */
static size_t
candidates_of(const struct pn_walk *w, size_t area, uint32_t *out)
{
    const struct pn_cell *row = &w->cells[w->areas.of[area] * w->width];
    size_t count = 0, parts = 0;

    for (size_t h = 0; h < w->width; h++) {
        if (!w->wanted[area * w->width + h] || row[h].skipped || !row[h].count)
            continue;
        memcpy(out + count, w->hosts + row[h].first, row[h].count * sizeof(*out));
        count += row[h].count;
        parts++;
    }
    if (parts > 1)
        qsort(out, count, sizeof(*out), compare_numbers);
    return count;
}

/* The regions of the ident at hand; true when the walk is to go on. */
static bool
ident_each(struct pn_walk *w, pn_region_fn take, void *payload)
{
    uint32_t *candidates = pn_malloc((w->r->candidate_count + 1) * sizeof(*candidates));
    bool good = candidates && pn_cells_make(w);

    if (!good)
        w->r->failed = true;
    for (size_t a = 0; a < w->r->area_count && good; a++) {
        size_t count = candidates_of(w, a, candidates);

        good = pn_regions_take(w->r, 1);
        for (size_t i = 0; i < count && good; i++) {
            struct pn_region region;

            good = pn_walk_ask(w, a, candidates[i], &region) &&
                   take(payload, w->r, &region);
        }
    }
    pn_free(candidates);
    pn_walk_clear(w);
    return good;
}

enum postern_status
pn_regions_each(struct pn_regions *regions, pn_region_fn take, void *payload)
{
    enum postern_status status = POSTERN_OK;
    bool good = true;

    regions->changes_only = true;
    while (good && pn_regions_next(regions)) {
        struct pn_walk w = { .r = regions };

        good = ident_each(&w, take, payload);
        status = w.status;
    }
    return regions->failed ? POSTERN_E_NOMEM : status;
}

struct differing {
    struct pn_walk walk;
    struct pn_differing found;
    pn_differs_fn differs;
    void *payload;
};

/* Asks for one, unless it failed. */
static bool
is_different(struct differing *d, size_t area, uint32_t candidate)
{
    struct pn_region region;

    return pn_walk_ask(&d->walk, area, candidate, &region) &&
           d->differs(d->payload, d->walk.r, &region);
}

/*
 * Is it so for a host of the shape? If a side's answer is of the area and the other's
 * of the host, two answers of hosts that differ are enough: one of them is not the
 * area's. If none is of the area, it is so for all areas of its shape.
 */
static bool
area_differs(struct differing *d, size_t area, struct pn_cell *cell)
{
    struct pn_walk *w = &d->walk;
    bool of_area = pn_cell_is_of(w, cell, PN_OF_AREA), found = false;
    size_t count = of_area && cell->count > 2 ? 2 : cell->count;

    if (cell->differs != PN_CELL_UNKNOWN)
        return cell->differs == PN_CELL_DIFFERS;
    for (size_t i = 0; i < count && !found; i++)
        found = is_different(d, area, w->hosts[cell->first + i]);
    if (!of_area)
        cell->differs = found ? PN_CELL_DIFFERS : PN_CELL_ALIKE;
    return found;
}

/* The same of a host, of which it is known whether an area of the shape differs. */
static bool
host_differs(struct differing *d, uint32_t candidate, const struct pn_cell *cell)
{
    bool found = false;

    if (!pn_cell_is_of(&d->walk, cell, PN_OF_HOST))
        return true;
    for (size_t i = 0; i < cell->area_count && !found; i++)
        found = is_different(d, cell->areas[i], candidate);
    return found;
}

static void
areas_look(struct differing *d)
{
    struct pn_walk *w = &d->walk;

    for (size_t a = 0; a < w->r->area_count && !w->r->failed; a++) {
        struct pn_cell *row = &w->cells[w->areas.of[a] * w->width];

        for (size_t h = 0; h < w->width && w->status == POSTERN_OK; h++)
            if (!row[h].skipped && area_differs(d, a, &row[h])) {
                row[h].any = true;
                d->found.areas[a] = d->found.any = true;
            }
    }
}

static void
hosts_look(struct differing *d)
{
    struct pn_walk *w = &d->walk;
    const struct pn_cell_shapes *hosts = &w->candidates;

    for (size_t a = 0; a < w->areas.known.count; a++)
        for (size_t h = 0; h < w->width && w->status == POSTERN_OK; h++) {
            const struct pn_cell *cell = &w->cells[a * w->width + h];

            for (size_t i = hosts->starts[h];
                 cell->any && i < hosts->starts[h + 1] && !w->r->failed; i++) {
                uint32_t c = hosts->members[i];

                if (!d->found.hosts[c])
                    d->found.hosts[c] = host_differs(d, c, cell);
            }
        }
    for (size_t c = 0; c < w->r->candidate_count; c++)
        d->found.hosts[c] = d->found.hosts[w->r->candidates[c].representative];
}

static bool
ident_differing(struct differing *d)
{
    struct pn_walk *w = &d->walk;
    bool good = pn_cells_make(w);

    d->found =
        (struct pn_differing){ .areas = pn_calloc(w->r->area_count + 1, 1),
                               .hosts = pn_calloc(w->r->candidate_count + 1, 1) };
    if (!good || !d->found.areas || !d->found.hosts)
        w->r->failed = true;
    if (!w->r->failed)
        areas_look(d);
    if (d->found.any && !w->r->failed)
        hosts_look(d);
    pn_walk_clear(w);
    return w->status == POSTERN_OK && !w->r->failed;
}

enum postern_status
pn_regions_differing(struct pn_regions *regions, pn_differs_fn differs,
                     pn_differing_fn take, void *payload)
{
    struct differing d = { .differs = differs, .payload = payload };
    bool good = true;

    regions->changes_only = regions->keep_extents = true;
    while (good && pn_regions_next(regions)) {
        d.walk = (struct pn_walk){ .r = regions };
        good = ident_differing(&d) && take(payload, regions, &d.found);
        pn_free(d.found.areas);
        pn_free(d.found.hosts);
    }
    return regions->failed ? POSTERN_E_NOMEM : d.walk.status;
}
