/*
 * One sweep over the pieces of all groups, by signature. Of an ident that only changes
 * are asked of, what it says nothing of is passed over, and rules without ident are not
 * looked at where it decides on all sides or on none: there only blocks come before it.
 */
#include "compiler/regions_sweep.h"

#include <stdlib.h>

#include "compiler/regions_areas.h"

enum { SIDES = PN_REGION_SIDES };

/* Where the sweep stands in the pieces of one group. */
struct cursor {
    const struct pn_pieces *pieces; /* NULL: the group is not there */
    size_t at;
};

struct sweep {
    struct pn_regions *r;
    struct cursor all[SIDES];    /* without ident, blocks among them, */
    struct cursor blocks[SIDES]; /* blocks alone, */
    struct cursor mine[SIDES];   /* and of this ident */
    uint8_t family;
    uint32_t zeros; /* 0: all that is in a range; else the zone, and 1 */
    bool coarse;    /* blocks alone are looked at */
};

/* To the piece that holds an address, which is not before the one at hand. */
static void
cursor_seek(struct cursor *c, pn_number at)
{
    const struct pn_pieces *pieces = c->pieces;
    size_t low = c->at, high;

    if (!pieces || low + 1 >= pieces->count || pieces->items[low + 1].start > at)
        return;
    low++;
    high = low + 1 < pieces->count && pieces->items[low + 1].start > at ? low + 1
                                                                        : pieces->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (pieces->items[middle].start <= at)
            low = middle;
        else
            high = middle;
    }
    c->at = low;
}

/* Lessens *last to the end of the piece at hand. */
static void
cursor_end(const struct cursor *c, pn_number *last)
{
    if (c->pieces && c->at + 1 < c->pieces->count &&
        c->pieces->items[c->at + 1].start - 1 < *last)
        *last = c->pieces->items[c->at + 1].start - 1;
}

static struct pn_native_entry
cursor_entry(const struct cursor *c)
{
    if (c->pieces && c->pieces->count)
        return pn_pieces_entry(c->pieces, c->at);
    return (struct pn_native_entry){ .exact = PN_RULE_NONE,
                                     .prefix = PN_RULE_NONE,
                                     .block = PN_RULE_NONE };
}

static void
sign(const struct sweep *sweep, uint32_t *out)
{
    for (size_t i = 0; i < sweep->r->side_count; i++, out += PN_AREA_SLOTS) {
        const struct pn_side *side = &sweep->r->sides[i];
        struct pn_native_entry entry =
            cursor_entry(sweep->coarse ? &sweep->blocks[i] : &sweep->all[i]);
        struct pn_native_entry mine = cursor_entry(&sweep->mine[i]);
        uint32_t block = entry.block;

        out[PN_AREA_BLOCK_KIND] = block == PN_RULE_NONE       ? PN_AREA_OPEN
                                  : (block & PN_NATIVE_EXACT) ? PN_AREA_BLOCK_EXACT
                                                              : PN_AREA_BLOCK_PREFIX;
        out[PN_AREA_BLOCK] =
            block == PN_RULE_NONE ? 0 : pn_side_slot(side, block & ~PN_NATIVE_EXACT);
        out[PN_AREA_EXACT] = pn_side_slot(side, entry.exact);
        out[PN_AREA_PREFIX] = pn_side_slot(side, entry.prefix);
        out[PN_AREA_IDENT_EXACT] = pn_side_slot(side, mine.exact);
        out[PN_AREA_IDENT_PREFIX] = pn_side_slot(side, mine.prefix);
    }
}

/* Moves every cursor to the piece that holds `at`; the last address of them all. */
static pn_number
advance(struct sweep *sweep, pn_number at)
{
    pn_number last = pn_host_mask(sweep->family, 0);

    for (size_t i = 0; i < sweep->r->side_count; i++) {
        struct cursor *others = sweep->coarse ? &sweep->blocks[i] : &sweep->all[i];

        cursor_seek(others, at);
        cursor_end(others, &last);
        cursor_seek(&sweep->mine[i], at);
        cursor_end(&sweep->mine[i], &last);
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
    uint32_t signature[PN_AREA_SLOTS * SIDES];

    while (pn_regions_take(sweep->r, PN_STEPS_INTERVAL)) {
        struct pn_extent extent = { first, advance(sweep, first), sweep->family,
                                    sweep->zeros };

        if (extent.last > last)
            extent.last = last;
        if (has_addresses(sweep, &extent)) {
            sign(sweep, signature);
            pn_regions_area_add(sweep->r, signature,
                                PN_AREA_SLOTS * sweep->r->side_count, &extent);
        }
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

/* What of a stretch is within the addresses that are asked about. */
static void
sweep_within(struct sweep *sweep, const struct pn_intervals *within, pn_number first,
             pn_number last)
{
    for (size_t i = pn_intervals_find(within, first);
         i < within->count && within->items[i].first <= last && !sweep->r->failed;
         i++) {
        const struct pn_interval *range = &within->items[i];

        sweep_family_range(sweep, range->first > first ? range->first : first,
                           range->last < last ? range->last : last);
    }
}

/* And what is outside of them, where those are asked about. */
static void
sweep_outside(struct sweep *sweep, const struct pn_intervals *within, pn_number first,
              pn_number last)
{
    struct pn_gaps gaps = pn_gaps_begin(within, first, last);
    struct pn_interval part;

    while (!sweep->r->failed && pn_gaps_next(&gaps, &part))
        sweep_family_range(sweep, part.first, part.last);
}

/* What of a stretch is asked about. */
static void
sweep_asked(struct sweep *sweep, pn_number first, pn_number last)
{
    const struct pn_regions *r = sweep->r;
    unsigned f = pn_family_index(sweep->family);

    if (!r->within)
        sweep_family_range(sweep, first, last);
    else if (r->outside)
        sweep_outside(sweep, &r->within->families[f], first, last);
    else
        sweep_within(sweep, &r->within->families[f], first, last);
}

/* How many sides have an address rule of the ident at the pieces at hand. */
static size_t
sides_with(const struct sweep *sweep)
{
    size_t count = 0;

    for (size_t i = 0; i < sweep->r->side_count; i++) {
        struct pn_native_entry mine = cursor_entry(&sweep->mine[i]);

        count += mine.exact != PN_RULE_NONE || mine.prefix != PN_RULE_NONE;
    }
    return count;
}

/* Of an ident, what is between the ends of its own pieces. */
static void
sweep_ident(struct sweep *sweep)
{
    struct pn_regions *r = sweep->r;
    struct pn_ident_scope *scope = &r->scope;
    pn_number first = 0, end = pn_host_mask(sweep->family, 0), last;

    for (;; first = last + 1) {
        size_t count;

        last = end;
        for (size_t i = 0; i < r->side_count; i++) {
            cursor_seek(&sweep->mine[i], first);
            cursor_end(&sweep->mine[i], &last);
        }
        count = sides_with(sweep);
        sweep->coarse = count ? count == r->side_count || scope->closed : !scope->open;
        scope->all_hosts |= count && !sweep->coarse;
        if (count || scope->wide)
            sweep_asked(sweep, first, last);
        if (last == end || !pn_regions_take(r, 1))
            return;
    }
}

static void
sweep_zone(struct pn_regions *r, uint8_t family, unsigned zone)
{
    struct sweep sweep = { .r = r, .family = family };

    if (family == 6 && r->zones.count > 1)
        sweep.zeros = zone + 1;
    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_decoded *decoded = r->sides[i].decoded;
        const struct pn_decoded_group *mine = pn_regions_group(r, i);
        unsigned own = decoded->zones.of[pn_zones_pattern(&r->zones, zone)];

        sweep.all[i].pieces =
            pn_decoded_pieces(&decoded->groups[PN_GROUP_NO_IDENT], family, own);
        sweep.mine[i].pieces = mine ? pn_decoded_pieces(mine, family, own) : NULL;
        if (r->bare[i])
            sweep.all[i].pieces = &r->bare[i][family == 6 ? 1 + own : 0];
        if (r->blocks[i])
            sweep.blocks[i].pieces = &r->blocks[i][family == 6 ? 1 + own : 0];
    }
    if (r->scope.sparse)
        sweep_ident(&sweep);
    else
        sweep_asked(&sweep, 0, pn_host_mask(family, 0));
}

static bool
is_empty(const struct pn_pieces *pieces)
{
    for (size_t i = 0; i < pieces->entry_count; i++)
        if (pieces->entries[i].exact != PN_RULE_NONE ||
            pieces->entries[i].prefix != PN_RULE_NONE)
            return false;
    return true;
}

/* Are the areas those of blocks alone, as they are of any ident without addresses? */
static bool
is_of_blocks(const struct pn_regions *r)
{
    if (!r->scope.sparse || !r->scope.wide || r->scope.open)
        return false;
    for (size_t i = 0; i < r->side_count; i++) {
        const struct pn_decoded_group *g = pn_regions_group(r, i);

        if (g && !is_empty(g->pieces[PN_V4]))
            return false;
        for (unsigned z = 0; g && z < r->sides[i].decoded->zones.count; z++)
            if (!is_empty(&g->pieces[PN_V6][z]))
                return false;
    }
    return true;
}

void
pn_regions_areas(struct pn_regions *r)
{
    bool before = r->areas_of_blocks;

    r->areas_of_blocks = is_of_blocks(r);
    if (before && r->areas_of_blocks) /* they are there */
        return;
    pn_regions_areas_clear(r);
    for (uint8_t family = 4; family <= 6; family += 2)
        for (unsigned z = 0; z < pn_zone_count(&r->zones, family) && !r->failed; z++)
            sweep_zone(r, family, z);
    for (size_t i = 0; i < r->area_count && r->zones.count > 1 && r->keep_extents; i++)
        if (!pn_extents_join(&r->areas[i].extents, &r->areas[i].extent_count,
                             &r->areas[i].extent_capacity, &r->zeros))
            r->failed = true;
}
