/*
 * A decision is a rule of the address or a rule of the host: the ladder has steps of
 * both, one after another, and which of them decides is a matter of which rules there
 * are, not of what they say. So areas that have rules on the same steps are of one
 * shape, hosts likewise, and of two shapes it is known, side by side, which of the two
 * decides. An area is asked again only if what it decides there is new, and so is a
 * host: of n areas and m hosts that makes n + m questions, and not n * m, unless one
 * side's answer is of the address where another's is of the host.
 *
 * What is decided is never concluded from this: the runtime is asked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/ask.h"
#include "compiler/regions_work.h"

enum { SIDES = PN_REGION_SIDES };

/* Areas, or candidates, by their shapes. */
struct shapes {
    struct pn_intern known;
    uint32_t *of;      /* the shape of each */
    uint32_t *members; /* in ascending order, shape by shape, */
    size_t *starts;    /* from here on; one more than there are shapes */
};

/* An area's shape and a host's: what decides, and which hosts are to be asked. */
struct cell {
    struct pn_decider deciders[SIDES];
    size_t first, count; /* in walk.hosts */
    bool skipped;        /* all sides answer as they do without ident */
    uint8_t differs;     /* enum differs: where no side's decider is of the area */
};

enum differs { UNKNOWN, ALIKE, DIFFERS };

struct walk {
    struct pn_regions *r;
    struct shapes areas, candidates;
    const uint32_t **host_signatures; /* by candidate; of kin NULL */
    struct cell *cells;               /* by area shape, host shape */
    size_t width;                     /* host shapes */
    uint32_t *hosts;
    size_t host_count, host_capacity;
    uint8_t *wanted; /* by area, and host shape behind one another */
    enum postern_status status;
};

static const uint32_t *
area_of(const struct walk *w, size_t area, size_t side)
{
    return pn_regions_area_signature(w->r, area) + PN_AREA_SLOTS * side;
}

/* NULL for no host. */
static const uint32_t *
host_of(const struct walk *w, size_t candidate, size_t side)
{
    if (w->r->candidates[candidate].kind == PN_HOST_ABSENT)
        return NULL;
    return w->host_signatures[candidate] + 1 + PN_HOST_SLOTS * side;
}

/* Which slots of a signature are filled, and of what kind its block is. */
static uint32_t
area_mask(const uint32_t *signature)
{
    uint32_t mask = signature[PN_AREA_BLOCK_KIND];

    for (unsigned i = PN_AREA_EXACT; i < PN_AREA_SLOTS; i++)
        mask = mask << 1 | (signature[i] != 0);
    return mask;
}

static uint32_t
host_mask(const uint32_t *signature)
{
    uint32_t mask = 1; /* there is one */

    for (unsigned i = 0; i < PN_HOST_SLOTS; i++)
        mask = mask << 1 | (signature[i] != 0);
    return mask;
}

static bool
area_shape(struct walk *w, size_t area, uint32_t *out)
{
    uint32_t masks[SIDES + 1] = { w->r->areas[area].is_global };

    for (size_t i = 0; i < w->r->side_count; i++)
        masks[1 + i] = area_mask(area_of(w, area, i));
    return pn_intern_add(&w->areas.known, masks, sizeof(masks), out);
}

static bool
host_shape(struct walk *w, size_t candidate, uint32_t *out)
{
    uint32_t masks[SIDES] = { 0 };

    for (size_t i = 0; i < w->r->side_count; i++) {
        const uint32_t *host = host_of(w, candidate, i);

        masks[i] = host ? host_mask(host) : 0;
    }
    return pn_intern_add(&w->candidates.known, masks, sizeof(masks), out);
}

static bool
shapes_begin(struct shapes *s, size_t count)
{
    s->of = malloc((count + 1) * sizeof(*s->of));
    s->members = malloc((count + 1) * sizeof(*s->members));
    return s->of && s->members;
}

/* Sorts the members; those without a shape (UINT32_MAX) are left out. */
static bool
shapes_finish(struct shapes *s, size_t count)
{
    s->starts = calloc(s->known.count + 2, sizeof(*s->starts));
    if (!s->starts)
        return false;
    for (size_t i = 0; i < count; i++)
        if (s->of[i] != UINT32_MAX)
            s->starts[s->of[i] + 2]++;
    for (size_t i = 2; i < s->known.count + 2; i++)
        s->starts[i] += s->starts[i - 1];
    for (size_t i = 0; i < count; i++)
        if (s->of[i] != UINT32_MAX)
            s->members[s->starts[s->of[i] + 1]++] = (uint32_t)i;
    return true;
}

static void
shapes_clear(struct shapes *s)
{
    pn_intern_clear(&s->known);
    free(s->of);
    free(s->members);
    free(s->starts);
}

/* Kin is numbered in the order of its first candidates. */
static bool
candidates_sign(struct walk *w)
{
    const struct pn_regions *r = w->r;
    uint32_t number = 0;

    w->host_signatures = calloc(r->candidate_count + 1, sizeof(*w->host_signatures));
    for (size_t c = 0; w->host_signatures && c < r->candidate_count; c++)
        if (r->candidates[c].kin == c)
            w->host_signatures[c] =
                (const uint32_t *)(const void *)(r->kins.bytes.bytes +
                                                 pn_intern_offset(&r->kins, number++));
    return w->host_signatures != NULL;
}

static bool
shapes_make(struct walk *w)
{
    const struct pn_regions *r = w->r;
    bool good = candidates_sign(w) && shapes_begin(&w->areas, r->area_count) &&
                shapes_begin(&w->candidates, r->candidate_count);

    for (size_t a = 0; a < r->area_count && good; a++)
        good = area_shape(w, a, &w->areas.of[a]);
    for (size_t c = 0; c < r->candidate_count && good; c++) {
        w->candidates.of[c] = UINT32_MAX;
        if (r->candidates[c].kin == c)
            good = host_shape(w, c, &w->candidates.of[c]);
    }
    return good && shapes_finish(&w->areas, r->area_count) &&
           shapes_finish(&w->candidates, r->candidate_count);
}

static bool
is_of(const struct walk *w, const struct cell *cell, enum pn_decider_source source)
{
    for (size_t i = 0; i < w->r->side_count; i++)
        if (cell->deciders[i].source == source)
            return true;
    return false;
}

/* What a member has in the slots that decide; false without memory. */
static bool
key_add(const struct walk *w, const struct cell *cell, enum pn_decider_source source,
        size_t member, struct pn_intern *seen)
{
    uint32_t key[SIDES] = { 0 }, number;

    for (size_t i = 0; i < w->r->side_count; i++)
        if (cell->deciders[i].source == source)
            key[i] = (source == PN_OF_AREA ? area_of : host_of)(
                w, member, i)[cell->deciders[i].slot];
    return pn_intern_add(seen, key, sizeof(key), &number);
}

/* Takes the members of a shape whose key is new. */
static bool
hosts_choose(struct walk *w, struct cell *cell, size_t shape)
{
    const struct shapes *s = &w->candidates;
    struct pn_intern seen = { 0 };
    bool good = true, one = !is_of(w, cell, PN_OF_HOST);

    cell->first = w->host_count;
    for (size_t i = s->starts[shape]; i < s->starts[shape + 1] && good; i++) {
        size_t before = seen.count;

        if (one && i > s->starts[shape])
            break;
        good = pn_regions_take(w->r, PN_STEPS_STRETCH) &&
               key_add(w, cell, PN_OF_HOST, s->members[i], &seen);
        if (!good || seen.count == before)
            continue;
        good = pn_vector_reserve(&w->hosts, &w->host_capacity, w->host_count + 1,
                                 sizeof(*w->hosts));
        if (good)
            w->hosts[w->host_count++] = s->members[i];
    }
    cell->count = w->host_count - cell->first;
    pn_intern_clear(&seen);
    return good;
}

static bool
areas_choose(struct walk *w, const struct cell *cell, size_t shape, size_t host_shape)
{
    const struct shapes *s = &w->areas;
    struct pn_intern seen = { 0 };
    bool good = true, one = !w->r->keep_extents && !is_of(w, cell, PN_OF_AREA);

    for (size_t i = s->starts[shape]; i < s->starts[shape + 1] && good; i++) {
        size_t before = seen.count;
        bool is_new = w->r->keep_extents;

        if (one && i > s->starts[shape])
            break;
        good = pn_regions_take(w->r, PN_STEPS_STRETCH);
        if (good && !is_new) {
            good = key_add(w, cell, PN_OF_AREA, s->members[i], &seen);
            is_new = seen.count > before;
        }
        w->wanted[s->members[i] * w->width + host_shape] = good && is_new;
    }
    pn_intern_clear(&seen);
    return good;
}

static bool
cell_make(struct walk *w, size_t shape, size_t host_shape)
{
    struct cell *cell = &w->cells[shape * w->width + host_shape];
    size_t area = w->areas.members[w->areas.starts[shape]];
    size_t host = w->candidates.members[w->candidates.starts[host_shape]];
    bool by_ident = !w->r->shape.sparse;

    for (size_t i = 0; i < w->r->side_count; i++) {
        cell->deciders[i] =
            pn_regions_decider(w->r, i, area_of(w, area, i), host_of(w, host, i));
        by_ident |= cell->deciders[i].by_ident;
    }
    cell->skipped = !by_ident;
    return cell->skipped || (hosts_choose(w, cell, host_shape) &&
                             areas_choose(w, cell, shape, host_shape));
}

static bool
cells_make(struct walk *w)
{
    size_t height;
    bool good = shapes_make(w);

    height = w->areas.known.count;
    w->width = w->candidates.known.count;
    good = good && pn_regions_take(w->r, (height + w->r->area_count / 64) * w->width);
    w->cells = good ? calloc(height * w->width + 1, sizeof(*w->cells)) : NULL;
    w->wanted = good ? calloc(w->r->area_count * w->width + 1, 1) : NULL;
    good = w->cells && w->wanted;
    for (size_t a = 0; a < height && good; a++)
        for (size_t h = 0; h < w->width && good; h++)
            good = cell_make(w, a, h);
    return good;
}

static void
walk_clear(struct walk *w)
{
    shapes_clear(&w->areas);
    shapes_clear(&w->candidates);
    free(w->host_signatures);
    free(w->cells);
    free(w->hosts);
    free(w->wanted);
}

static bool
ask(struct walk *w, size_t area, size_t candidate, struct pn_region *out)
{
    if (!pn_regions_take(w->r, PN_STEPS_ASK * w->r->side_count))
        return false;
    w->status = pn_regions_ask(w->r, area, candidate, out);
    return w->status == POSTERN_OK;
}

static int
compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* The candidates that an area is asked with, ascending; `out` has room for all. */
static size_t
candidates_of(const struct walk *w, size_t area, uint32_t *out)
{
    const struct cell *row = &w->cells[w->areas.of[area] * w->width];
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
ident_each(struct walk *w, pn_region_fn take, void *payload)
{
    uint32_t *candidates = malloc((w->r->candidate_count + 1) * sizeof(*candidates));
    bool good = candidates && cells_make(w);

    if (!good)
        w->r->failed = true;
    for (size_t a = 0; a < w->r->area_count && good; a++) {
        size_t count = candidates_of(w, a, candidates);

        good = pn_regions_take(w->r, 1);
        for (size_t i = 0; i < count && good; i++) {
            struct pn_region region;

            good = ask(w, a, candidates[i], &region) && take(payload, w->r, &region);
        }
    }
    free(candidates);
    walk_clear(w);
    return good;
}

enum postern_status
pn_regions_each(struct pn_regions *regions, pn_region_fn take, void *payload)
{
    enum postern_status status = POSTERN_OK;
    bool good = true;

    regions->changes_only = true;
    while (good && pn_regions_next(regions)) {
        struct walk w = { .r = regions };

        good = ident_each(&w, take, payload);
        status = w.status;
    }
    return regions->failed ? POSTERN_E_NOMEM : status;
}

struct differing {
    struct walk walk;
    pn_differs_fn differs;
    pn_area_fn take;
    void *payload;
};

/*
 * Is it so for a host of the shape? If a side's answer is of the area and the other's
 * of the host, two answers of hosts that differ are enough: one of them is not the
 * area's. If none is of the area, it is so for all areas of its shape.
 */
static bool
cell_differs(struct differing *d, size_t area, struct cell *cell)
{
    struct walk *w = &d->walk;
    bool of_area = is_of(w, cell, PN_OF_AREA), found = false;
    size_t count = of_area && cell->count > 2 ? 2 : cell->count;

    if (cell->differs != UNKNOWN)
        return cell->differs == DIFFERS;
    for (size_t i = 0; i < count && !found; i++) {
        struct pn_region region;

        if (!ask(w, area, w->hosts[cell->first + i], &region))
            return false;
        found = d->differs(d->payload, w->r, &region);
    }
    if (!of_area)
        cell->differs = found ? DIFFERS : ALIKE;
    return found;
}

static bool
ident_differing(struct differing *d)
{
    struct walk *w = &d->walk;
    bool good = cells_make(w);

    if (!good)
        w->r->failed = true;
    for (size_t a = 0; a < w->r->area_count && good; a++) {
        struct cell *row = &w->cells[w->areas.of[a] * w->width];
        bool found = false;

        for (size_t h = 0; h < w->width && !found && good; h++) {
            found = !row[h].skipped && cell_differs(d, a, &row[h]);
            good = w->status == POSTERN_OK && !w->r->failed;
        }
        good = good && (!found || d->take(d->payload, w->r, a));
    }
    walk_clear(w);
    return good;
}

enum postern_status
pn_regions_differing(struct pn_regions *regions, pn_differs_fn differs, pn_area_fn take,
                     void *payload)
{
    struct differing d = { .differs = differs, .take = take, .payload = payload };
    bool good = true;

    regions->changes_only = regions->keep_extents = true;
    while (good && pn_regions_next(regions)) {
        d.walk = (struct walk){ .r = regions };
        good = ident_differing(&d);
    }
    return regions->failed ? POSTERN_E_NOMEM : d.walk.status;
}
