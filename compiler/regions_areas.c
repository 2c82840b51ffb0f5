/* Areas: addresses of one signature, and one of them to ask with. */
#include "compiler/regions_areas.h"

#include <string.h>

#include "base/vector.h"
#include "compiler/unicast.h"

/* A zone has gaps: the first address of it in the extent, global if one shall be. */
static void
choose_spelt(const struct pn_regions *r, struct pn_area *area, bool is_new,
             const struct pn_extent *extent)
{
    const struct pn_weights *weights = &r->weights[extent->zeros - 1];
    pn_number first = extent->first, at = extent->first;

    if (r->prefer_global && (is_new || !area->is_global) &&
        pn_first_global_unicast(6, extent->last, &first) &&
        pn_weights_first(weights, first, extent->last, &at)) {
        first = at;
        area->is_global =
            pn_first_global_unicast(6, extent->last, &first) && first == at;
    } else if (!is_new ||
               !pn_weights_first(weights, extent->first, extent->last, &at)) {
        return;
    }
    area->witness = pn_number_address(at, 6);
}

static void
choose_witness(const struct pn_regions *r, struct pn_area *area, bool is_new,
               const struct pn_extent *extent)
{
    pn_number at = extent->first;

    if (extent->zeros) {
        choose_spelt(r, area, is_new, extent);
        return;
    }
    if (r->prefer_global && (is_new || !area->is_global) &&
        pn_first_global_unicast(extent->family, extent->last, &at))
        area->is_global = true;
    else if (is_new)
        at = extent->first;
    else
        return;
    area->witness = pn_number_address(
        pn_example_address(extent->family, at, extent->last), extent->family);
}

static void
extent_keep(struct pn_regions *r, struct pn_area *area, const struct pn_extent *extent)
{
    struct pn_extent *last =
        area->extent_count ? &area->extents[area->extent_count - 1] : NULL;

    if (last && last->family == extent->family && last->zeros == extent->zeros &&
        last->last + 1 == extent->first) {
        last->last = extent->last;
        return;
    }
    if (pn_vector_reserve(&area->extents, &area->extent_capacity,
                          area->extent_count + 1, sizeof(*area->extents)))
        area->extents[area->extent_count++] = *extent;
    else
        r->failed = true;
}

static bool
is_signature(const struct pn_regions *r, uint32_t number, const uint32_t *signature,
             size_t slots)
{
    return memcmp(r->area_signatures.bytes.bytes +
                      pn_intern_offset(&r->area_signatures, number),
                  signature, slots * sizeof(*signature)) == 0;
}

void
pn_regions_area_add(struct pn_regions *r, const uint32_t *signature, size_t slots,
                    const struct pn_extent *extent)
{
    size_t before = r->area_signatures.count;
    uint32_t number = r->last_area;

    if ((number >= before || !is_signature(r, number, signature, slots)) &&
        !pn_intern_add(&r->area_signatures, signature, slots * sizeof(*signature),
                       &number)) {
        r->failed = true;
        return;
    }
    r->last_area = number;
    if (!pn_vector_reserve(&r->areas, &r->area_capacity, r->area_signatures.count,
                           sizeof(*r->areas))) {
        r->failed = true;
        return;
    }
    if (number == before) {
        r->areas[number] = (struct pn_area){ 0 };
        r->area_count = r->area_signatures.count;
    }
    choose_witness(r, &r->areas[number], number == before, extent);
    if (r->keep_extents)
        extent_keep(r, &r->areas[number], extent);
}
