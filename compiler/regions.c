/* The idents one after another, and the questions of each. */
#include "compiler/regions.h"

#include <stdlib.h>

#include "compiler/ask.h"
#include "compiler/regions_work.h"

/* The zones that no side tells apart, and their numbers as sets of extents. */
static void
zones_make(struct pn_regions *r)
{
    pn_zones_begin(&r->zones);
    for (size_t i = 0; i < r->side_count; i++)
        pn_zones_join(&r->zones, &r->sides[i].decoded->zones);
    if (r->zones.count == 1)
        return;
    r->weights = calloc(r->zones.count, sizeof(*r->weights));
    for (unsigned z = 0; r->weights && z < r->zones.count; z++) {
        struct pn_zeros set = pn_zones_set(&r->zones, z);

        pn_weights_make(&r->weights[z], &set);
        if (pn_zeros_keep(&r->zeros, &set) != z + 1)
            r->failed = true;
    }
    r->failed |= !r->weights;
}

static void
idents_collect(struct pn_regions *r)
{
    for (size_t i = 0; i < r->side_count; i++)
        for (uint32_t n = 0; n < r->sides[i].decoded->idents.count; n++) {
            struct pn_str ident = pn_intern_text(&r->sides[i].decoded->idents, n);
            uint32_t number;

            if (!pn_intern_add(&r->idents, ident.ptr, ident.len, &number))
                r->failed = true;
        }
}

/* An empty ident is an answer: its text must not look like none. */
static struct pn_str
ident_number(const struct pn_regions *r, uint32_t number)
{
    struct pn_str ident = pn_intern_text(&r->idents, number);

    return ident.len ? ident : (struct pn_str){ "", 0 };
}

static bool
ident_next(struct pn_regions *r)
{
    if (!r->began) {
        r->began = true;
        zones_make(r);
        r->ident_text =
            r->ident == PN_ASK_GIVEN ? r->given_ident : (struct pn_str){ NULL, 0 };
        if (r->ident == PN_ASK_ALL)
            idents_collect(r);
        if (r->idents.count && !r->changes_only)
            pn_regions_bare_make(r);
        return true;
    }
    if (r->ident != PN_ASK_ALL || r->next_ident == r->idents.count)
        return false;
    r->ident_text = ident_number(r, (uint32_t)r->next_ident++);
    return pn_regions_take(r, PN_STEPS_NAME);
}

/* The next one that is to be looked at. */
static bool
ident_wanted_next(struct pn_regions *r)
{
    while (!r->failed && ident_next(r)) {
        enum pn_ident_part part =
            r->ident_part ? r->ident_part(r->part_payload, r) : PN_IDENT_WHOLE;

        if (part == PN_IDENT_WHOLE)
            return true;
        if (part == PN_IDENT_AS_NONE)
            pn_buffer_add(&r->as_none, &r->next_ident, sizeof(r->next_ident));
        r->failed |= r->as_none.failed;
    }
    return false;
}

bool
pn_regions_next(struct pn_regions *regions)
{
    if (!ident_wanted_next(regions))
        return false;
    pn_regions_shape(regions);
    pn_regions_areas(regions);
    if (!regions->failed)
        pn_regions_candidates(regions);
    return !regions->failed;
}

struct postern_query
pn_regions_query(const struct pn_regions *regions, size_t area, size_t candidate)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    const struct pn_candidate *host = &regions->candidates[candidate];
    struct pn_str name = pn_intern_text(&regions->hosts, host->name);

    query.remote = regions->areas[area].witness;
    if (host->kind != PN_HOST_ABSENT)
        query.host = (struct postern_str){ name.len ? name.ptr : "", name.len };
    query.ident =
        (struct postern_str){ regions->ident_text.ptr, regions->ident_text.len };
    return query;
}

enum postern_status
pn_regions_ask(const struct pn_regions *regions, size_t area, size_t candidate,
               struct pn_region *out)
{
    enum postern_status status = POSTERN_OK;

    out->area = area;
    out->candidate = candidate;
    out->query = pn_regions_query(regions, area, candidate);
    for (size_t i = 0; i < regions->side_count && status == POSTERN_OK; i++)
        status = pn_ask(regions->sides[i].rules, &out->query, &out->decisions[i]);
    return status;
}

void
pn_regions_clear(struct pn_regions *regions)
{
    pn_regions_areas_clear(regions);
    pn_regions_blocks_clear(regions);
    free(regions->areas);
    free(regions->candidates);
    free(regions->representative_firsts);
    pn_intern_clear(&regions->hosts);
    pn_intern_clear(&regions->kins);
    pn_intern_clear(&regions->idents);
    pn_intern_clear(&regions->base);
    pn_buffer_free(&regions->as_none);
    pn_intern_clear(&regions->zeros);
    free(regions->weights);
    *regions = (struct pn_regions){ 0 };
}
