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
#include "compiler/regions_cells.h"

#include "base/memory.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "compiler/image.h"

enum { SIDES = PN_REGION_SIDES };

static const uint32_t *
area_of(const struct pn_walk *w, size_t area, size_t side)
{
    return pn_regions_area_signature(w->r, area) + PN_AREA_SLOTS * side;
}

/* NULL for no host. */
static const uint32_t *
host_of(const struct pn_walk *w, size_t candidate, size_t side)
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
area_shape(struct pn_walk *w, size_t area, uint32_t *out)
{
    uint32_t masks[SIDES + 1] = { w->r->areas[area].is_global };

    for (size_t i = 0; i < w->r->side_count; i++)
        masks[1 + i] = area_mask(area_of(w, area, i));
    return pn_intern_add(&w->areas.known, masks, sizeof(masks), out);
}

static bool
host_shape(struct pn_walk *w, size_t candidate, uint32_t *out)
{
    uint32_t masks[SIDES] = { 0 };

    for (size_t i = 0; i < w->r->side_count; i++) {
        const uint32_t *host = host_of(w, candidate, i);

        masks[i] = host ? host_mask(host) : 0;
    }
    return pn_intern_add(&w->candidates.known, masks, sizeof(masks), out);
}

static bool
shapes_begin(struct pn_cell_shapes *s, size_t count)
{
    s->of = pn_malloc((count + 1) * sizeof(*s->of));
    s->members = pn_malloc((count + 1) * sizeof(*s->members));
    return s->of && s->members;
}

/* Sorts the members; those without a shape (UINT32_MAX) are left out. */
static bool
shapes_finish(struct pn_cell_shapes *s, size_t count)
{
    s->starts = pn_calloc(s->known.count + 2, sizeof(*s->starts));
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
shapes_clear(struct pn_cell_shapes *s)
{
    pn_intern_clear(&s->known);
    pn_free(s->of);
    pn_free(s->members);
    pn_free(s->starts);
}

/* Host signatures are numbered in the order of their first candidates. */
static bool
candidates_sign(struct pn_walk *w)
{
    const struct pn_regions *r = w->r;
    uint32_t number = 0;

    w->host_signatures = pn_calloc(r->candidate_count + 1, sizeof(*w->host_signatures));
    for (size_t c = 0; w->host_signatures && c < r->candidate_count; c++)
        if (r->candidates[c].representative == c)
            w->host_signatures[c] =
                (const uint32_t *)(const void *)(r->host_signatures.bytes.bytes +
                                                 pn_intern_offset(&r->host_signatures,
                                                                  number++));
    return w->host_signatures != NULL;
}

static bool
shapes_make(struct pn_walk *w)
{
    const struct pn_regions *r = w->r;
    bool good = candidates_sign(w) && shapes_begin(&w->areas, r->area_count) &&
                shapes_begin(&w->candidates, r->candidate_count);

    for (size_t a = 0; a < r->area_count && good; a++)
        good = area_shape(w, a, &w->areas.of[a]);
    for (size_t c = 0; c < r->candidate_count && good; c++) {
        w->candidates.of[c] = UINT32_MAX;
        if (r->candidates[c].representative == c)
            good = host_shape(w, c, &w->candidates.of[c]);
    }
    return good && shapes_finish(&w->areas, r->area_count) &&
           shapes_finish(&w->candidates, r->candidate_count);
}

bool
pn_cell_is_of(const struct pn_walk *w, const struct pn_cell *cell,
              enum pn_decider_source source)
{
    for (size_t i = 0; i < w->r->side_count; i++)
        if (cell->deciders[i].source == source)
            return true;
    return false;
}

/* What a member has in the slots that decide; false without memory. */
static bool
key_add(const struct pn_walk *w, const struct pn_cell *cell,
        enum pn_decider_source source, size_t member, struct pn_intern *seen)
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
hosts_choose(struct pn_walk *w, struct pn_cell *cell, size_t shape)
{
    const struct pn_cell_shapes *s = &w->candidates;
    struct pn_intern seen = { 0 };
    bool good = true, one = !pn_cell_is_of(w, cell, PN_OF_HOST);

    cell->first = w->host_count;
    for (size_t i = s->starts[shape]; i < s->starts[shape + 1] && good; i++) {
        size_t before = seen.count;

        if (one && i > s->starts[shape])
            break;
        good = pn_regions_take(w->r, PN_STEPS_INTERVAL) &&
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
areas_choose(struct pn_walk *w, struct pn_cell *cell, size_t shape, size_t host_shape)
{
    const struct pn_cell_shapes *s = &w->areas;
    struct pn_intern seen = { 0 };
    bool good = true, one = !w->r->keep_extents && !pn_cell_is_of(w, cell, PN_OF_AREA);

    for (size_t i = s->starts[shape]; i < s->starts[shape + 1] && good; i++) {
        size_t before = seen.count;

        if (one && i > s->starts[shape])
            break;
        good = pn_regions_take(w->r, PN_STEPS_INTERVAL) &&
               key_add(w, cell, PN_OF_AREA, s->members[i], &seen);
        w->wanted[s->members[i] * w->width + host_shape] =
            good && (w->r->keep_extents || seen.count > before);
        if (seen.count > before && cell->area_count < PN_COUNT_OF(cell->areas))
            cell->areas[cell->area_count++] = s->members[i];
    }
    pn_intern_clear(&seen);
    return good;
}

static bool
cell_make(struct pn_walk *w, size_t shape, size_t host_shape)
{
    struct pn_cell *cell = &w->cells[shape * w->width + host_shape];
    size_t area = w->areas.members[w->areas.starts[shape]];
    size_t host = w->candidates.members[w->candidates.starts[host_shape]];
    bool by_ident = !w->r->scope.sparse;

    for (size_t i = 0; i < w->r->side_count; i++) {
        cell->deciders[i] =
            pn_regions_decider(w->r, i, area_of(w, area, i), host_of(w, host, i));
        by_ident |= cell->deciders[i].by_ident;
    }
    cell->skipped = !by_ident;
    return cell->skipped || (hosts_choose(w, cell, host_shape) &&
                             areas_choose(w, cell, shape, host_shape));
}

bool
pn_cells_make(struct pn_walk *w)
{
    size_t height;
    bool good = shapes_make(w);

    height = w->areas.known.count;
    w->width = w->candidates.known.count;
    good = good && pn_regions_take(w->r, (height + w->r->area_count / 64) * w->width);
    w->cells = good ? pn_calloc(height * w->width + 1, sizeof(*w->cells)) : NULL;
    w->wanted = good ? pn_calloc(w->r->area_count * w->width + 1, 1) : NULL;
    good = w->cells && w->wanted;
    for (size_t a = 0; a < height && good; a++)
        for (size_t h = 0; h < w->width && good; h++)
            good = cell_make(w, a, h);
    return good;
}

void
pn_walk_clear(struct pn_walk *w)
{
    shapes_clear(&w->areas);
    shapes_clear(&w->candidates);
    pn_free(w->host_signatures);
    pn_free(w->cells);
    pn_free(w->hosts);
    pn_free(w->wanted);
}

bool
pn_walk_ask(struct pn_walk *w, size_t area, size_t candidate, struct pn_region *out)
{
    if (!pn_regions_take(w->r, PN_STEPS_ASK * w->r->side_count))
        return false;
    w->status = pn_regions_ask(w->r, area, candidate, out);
    return w->status == POSTERN_OK;
}
