/* One region: its query, and what all sides answer to it. */
#include "compiler/regions.h"

#include "base/memory.h"
#include "compiler/image.h"

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
        status =
            pn_image_decide(regions->sides[i].rules, &out->query, &out->decisions[i]);
    return status;
}

void
pn_regions_areas_clear(struct pn_regions *r)
{
    for (size_t i = 0; i < r->area_count; i++)
        pn_free(r->areas[i].extents);
    r->area_count = 0;
    pn_intern_clear(&r->area_signatures);
}

static void
copy_clear(struct pn_regions *r, size_t side, struct pn_pieces **copy)
{
    for (unsigned z = 0; *copy && z <= r->sides[side].decoded->zones.count; z++)
        pn_pieces_clear(&(*copy)[z]);
    pn_free(*copy);
    *copy = NULL;
}

static void
blocks_clear(struct pn_regions *r)
{
    for (size_t i = 0; i < r->side_count; i++) {
        copy_clear(r, i, &r->blocks[i]);
        copy_clear(r, i, &r->bare[i]);
    }
}

void
pn_regions_clear(struct pn_regions *regions)
{
    pn_regions_areas_clear(regions);
    blocks_clear(regions);
    pn_free(regions->areas);
    pn_free(regions->candidates);
    pn_free(regions->representative_firsts);
    pn_intern_clear(&regions->hosts);
    pn_intern_clear(&regions->host_signatures);
    pn_intern_clear(&regions->idents);
    pn_intern_clear(&regions->base);
    pn_buffer_free(&regions->as_none);
    pn_intern_clear(&regions->zeros);
    pn_free(regions->weights);
    *regions = (struct pn_regions){ 0 };
}
