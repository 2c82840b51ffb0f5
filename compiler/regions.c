/* One sweep over the pieces of all groups, by signature; then hosts by theirs. */
#include "compiler/regions.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "compiler/ask.h"
#include "compiler/regions_work.h"
#include "compiler/unicast.h"

enum {
    SIDES = PN_REGION_SIDES,
    LISTS = 2 * SIDES, /* of each side: without ident, and of this one */
    SLOTS = 6 * SIDES  /* what a signature holds of each side */
};

/* IPv4 in IPv6: those addresses are asked for as IPv4. */
/* A zone has gaps: the first address of it in the extent, global if one shall be. */
static void
choose_spelt(const struct pn_regions *r, struct pn_area *area, bool is_new,
             const struct pn_extent *extent)
{
    const struct pn_weights *weights = &r->weights[extent->zeros - 1];
    pn_number first = extent->first, at = extent->first;

    if (r->prefer_global && (is_new || !area->is_global) &&
        pn_first_global(6, extent->last, &first) &&
        pn_weights_first(weights, first, extent->last, &at)) {
        first = at;
        area->is_global = pn_first_global(6, extent->last, &first) && first == at;
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
        pn_first_global(extent->family, extent->last, &at))
        area->is_global = true;
    else if (is_new)
        at = extent->first;
    else
        return;
    area->witness =
        pn_number_address(pn_usable(extent->family, at, extent->last), extent->family);
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
    return memcmp(r->signatures.bytes.bytes + pn_intern_offset(&r->signatures, number),
                  signature, slots * sizeof(*signature)) == 0;
}

static void
area_add(struct pn_regions *r, const uint32_t *signature, size_t slots,
         const struct pn_extent *extent)
{
    size_t before = r->signatures.count;
    uint32_t number = r->last_area;

    if ((number >= before || !is_signature(r, number, signature, slots)) &&
        !pn_intern_add(&r->signatures, signature, slots * sizeof(*signature),
                       &number)) {
        r->failed = true;
        return;
    }
    r->last_area = number;
    if (!pn_vector_reserve(&r->areas, &r->area_capacity, r->signatures.count,
                           sizeof(*r->areas))) {
        r->failed = true;
        return;
    }
    if (number == before) {
        r->areas[number] = (struct pn_area){ 0 };
        r->area_count = r->signatures.count;
    }
    choose_witness(r, &r->areas[number], number == before, extent);
    if (r->keep_extents)
        extent_keep(r, &r->areas[number], extent);
}

/* Where the sweep stands in the pieces of one group. */
struct cursor {
    const struct pn_pieces *pieces; /* NULL: the group is not there */
    size_t at;
};

struct sweep {
    struct pn_regions *r;
    struct cursor lists[LISTS]; /* by side: without ident, and of this one */
    uint8_t family;
    uint32_t zeros;  /* 0: all that is in a range; else the zone, and 1 */
    bool ident_only; /* of interest only where this ident has an address rule */
};

/* The signature of the pieces at hand; false when they are of no interest. */
static bool
sign(const struct sweep *sweep, uint32_t *out)
{
    bool wanted = !sweep->ident_only;

    for (size_t i = 0; i < sweep->r->side_count; i++) {
        const struct pn_side *side = &sweep->r->sides[i];
        const struct cursor *all = &sweep->lists[2 * i], *mine = all + 1;
        struct pn_native_entry entry = pn_pieces_entry(all->pieces, all->at);
        uint32_t block = entry.block;

        *out++ = block == PN_NATIVE_NONE ? 0 : 1 + !!(block & PN_NATIVE_EXACT);
        *out++ =
            block == PN_NATIVE_NONE ? 0 : pn_side_slot(side, block & ~PN_NATIVE_EXACT);
        *out++ = pn_side_slot(side, entry.exact);
        *out++ = pn_side_slot(side, entry.prefix);
        entry = (struct pn_native_entry){ .exact = PN_NATIVE_NONE,
                                          .prefix = PN_NATIVE_NONE };
        if (mine->pieces)
            entry = pn_pieces_entry(mine->pieces, mine->at);
        *out++ = pn_side_slot(side, entry.exact);
        *out++ = pn_side_slot(side, entry.prefix);
        wanted |= entry.exact != PN_NATIVE_NONE || entry.prefix != PN_NATIVE_NONE;
    }
    return wanted;
}

/* Moves every cursor to the piece that holds `at`; the last address of them all. */
static pn_number
advance(struct sweep *sweep, pn_number at)
{
    pn_number last = pn_number_below(sweep->family, 0);

    for (size_t i = 0; i < 2 * sweep->r->side_count; i++) {
        struct cursor *c = &sweep->lists[i];

        if (!c->pieces)
            continue;
        while (c->at + 1 < c->pieces->count && c->pieces->items[c->at + 1].start <= at)
            c->at++;
        if (c->at + 1 < c->pieces->count &&
            c->pieces->items[c->at + 1].start - 1 < last)
            last = c->pieces->items[c->at + 1].start - 1;
    }
    return last;
}

/* Does the zone have addresses there? */
static bool
has_addresses(const struct sweep *sweep, const struct pn_extent *extent)
{
    pn_number at;

    return !extent->zeros || pn_weights_first(&sweep->r->weights[extent->zeros - 1],
                                              extent->first, extent->last, &at);
}

static void
sweep_range(struct sweep *sweep, pn_number first, pn_number last)
{
    uint32_t signature[SLOTS];

    while (!sweep->r->failed) {
        struct pn_extent extent = { first, advance(sweep, first), sweep->family,
                                    sweep->zeros };

        if (extent.last > last)
            extent.last = last;
        if (sign(sweep, signature) && has_addresses(sweep, &extent))
            area_add(sweep->r, signature, 6 * sweep->r->side_count, &extent);
        if (extent.last == last)
            return;
        first = extent.last + 1;
    }
}

/* A range of IPv6 less the addresses that are IPv4's. */
static void
sweep_family_range(struct sweep *sweep, pn_number first, pn_number last)
{
    if (sweep->family == 4 || last < PN_MAPPED_FIRST || first > PN_MAPPED_LAST) {
        sweep_range(sweep, first, last);
        return;
    }
    if (first < PN_MAPPED_FIRST)
        sweep_range(sweep, first, PN_MAPPED_FIRST - 1);
    if (last > PN_MAPPED_LAST)
        sweep_range(sweep, PN_MAPPED_LAST + 1, last);
}

static void
sweep_outside(struct sweep *sweep, const struct pn_hole *ranges, size_t count)
{
    pn_number first = 0, end = pn_number_below(sweep->family, 0);

    for (size_t i = 0; i < count; i++) {
        if (ranges[i].first > first)
            sweep_family_range(sweep, first, ranges[i].first - 1);
        if (ranges[i].last == end)
            return;
        first = ranges[i].last + 1;
    }
    sweep_family_range(sweep, first, end);
}

static void
sweep_family(struct sweep *sweep, const struct pn_hole *ranges, size_t count)
{
    if (!sweep->r->within || sweep->r->outside) {
        sweep_outside(sweep, ranges, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        sweep_family_range(sweep, ranges[i].first, ranges[i].last);
}

/* Has the ident rules that are not of addresses? */
static bool
ident_is_wide(const struct pn_regions *r)
{
    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_lifted_group *g = pn_regions_group(r, i);

        if (g && (g->host_count || g->any_host != PN_NATIVE_NONE ||
                  g->fallback != PN_NATIVE_NONE))
            return true;
    }
    return false;
}

static void
areas_clear(struct pn_regions *r)
{
    for (size_t i = 0; i < r->area_count; i++)
        free(r->areas[i].extents);
    r->area_count = 0;
    pn_intern_clear(&r->signatures);
}

static void
sweep_zone(struct pn_regions *r, uint8_t family, unsigned zone)
{
    static const struct pn_holes nothing = { 0 };
    const struct pn_holes *within = r->within ? r->within : &nothing;
    struct sweep sweep = { .r = r, .family = family };

    sweep.ident_only = r->ident == PN_ASK_ALL && r->ident_text.ptr &&
                       !r->whole_idents && !ident_is_wide(r);
    if (family == 6 && r->zones.count > 1)
        sweep.zeros = zone + 1;
    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_lifted *lifted = r->sides[i].lifted;
        const struct pn_lifted_group *mine = pn_regions_group(r, i);
        unsigned own = lifted->zones.of[pn_zones_pattern(&r->zones, zone)];

        sweep.lists[2 * i].pieces =
            pn_lifted_pieces(&lifted->groups[PN_GROUP_NO_IDENT], family, own);
        sweep.lists[2 * i + 1].pieces =
            mine ? pn_lifted_pieces(mine, family, own) : NULL;
    }
    sweep_family(&sweep, family == 6 ? within->v6 : within->v4,
                 family == 6 ? within->v6_count : within->v4_count);
}

static void
areas_make(struct pn_regions *r)
{
    areas_clear(r);
    for (uint8_t family = 4; family <= 6; family += 2)
        for (unsigned z = 0; z < pn_zone_count(&r->zones, family) && !r->failed; z++)
            sweep_zone(r, family, z);
    for (size_t i = 0; i < r->area_count && r->zones.count > 1 && r->keep_extents; i++)
        if (!pn_extents_join(&r->areas[i].extents, &r->areas[i].extent_count,
                             &r->areas[i].extent_capacity, &r->zeros))
            r->failed = true;
}

/* The zones that no side tells apart, and their numbers as sets of extents. */
static void
zones_make(struct pn_regions *r)
{
    pn_zones_begin(&r->zones);
    for (size_t i = 0; i < r->side_count; i++)
        pn_zones_join(&r->zones, &r->sides[i].lifted->zones);
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
        for (uint32_t n = 0; n < r->sides[i].lifted->idents.count; n++) {
            struct pn_str ident = pn_lifted_name(&r->sides[i].lifted->idents, n);
            uint32_t number;

            if (!pn_intern_add(&r->idents, ident.ptr, ident.len, &number))
                r->failed = true;
        }
}

/* An empty ident is an answer: its text must not look like none. */
static struct pn_str
ident_number(const struct pn_regions *r, uint32_t number)
{
    struct pn_str ident = pn_lifted_name(&r->idents, number);

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
        return true;
    }
    if (r->ident != PN_ASK_ALL || r->next_ident == r->idents.count)
        return false;
    r->ident_text = ident_number(r, (uint32_t)r->next_ident++);
    return true;
}

bool
pn_regions_next(struct pn_regions *regions)
{
    if (regions->failed || !ident_next(regions))
        return false;
    areas_make(regions);
    pn_regions_candidates(regions);
    return !regions->failed;
}

struct postern_query
pn_regions_query(const struct pn_regions *regions, size_t area, size_t candidate)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    const struct pn_candidate *host = &regions->candidates[candidate];
    struct pn_str name = pn_lifted_name(&regions->hosts, host->name);

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

/* The regions of the ident at hand; true when the walk is to go on. */
static bool
ident_each(struct pn_regions *r, pn_region_fn take, void *payload,
           enum postern_status *status)
{
    struct pn_region region;

    for (size_t a = 0; a < r->area_count; a++)
        for (size_t c = 0; c < r->candidate_count; c++) {
            if (r->candidates[c].kin != c)
                continue;
            *status = pn_regions_ask(r, a, c, &region);
            if (*status != POSTERN_OK || !take(payload, r, &region))
                return false;
        }
    return true;
}

enum postern_status
pn_regions_each(struct pn_regions *regions, pn_region_fn take, void *payload)
{
    enum postern_status status = POSTERN_OK;

    while (pn_regions_next(regions) && ident_each(regions, take, payload, &status))
        continue;
    return regions->failed ? POSTERN_E_NOMEM : status;
}

void
pn_regions_clear(struct pn_regions *regions)
{
    areas_clear(regions);
    free(regions->areas);
    free(regions->candidates);
    free(regions->kin_firsts);
    pn_intern_clear(&regions->hosts);
    pn_intern_clear(&regions->kins);
    pn_intern_clear(&regions->idents);
    pn_intern_clear(&regions->zeros);
    free(regions->weights);
    *regions = (struct pn_regions){ 0 };
}
