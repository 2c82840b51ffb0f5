/* The idents one after another, and of each what regions are made of. */
#include "compiler/regions.h"

#include "base/memory.h"
#include "compiler/regions_hosts.h"
#include "compiler/regions_scope.h"
#include "compiler/regions_sweep.h"

/* The zones that no side distinguishes, and their numbers as sets of extents. */
static void
zones_make(struct pn_regions *r)
{
    pn_zones_begin(&r->zones);
    for (size_t i = 0; i < r->side_count; i++)
        pn_zones_join(&r->zones, &r->sides[i].decoded->zones);
    if (r->zones.count == 1)
        return;
    r->weights = pn_calloc(r->zones.count, sizeof(*r->weights));
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
    pn_regions_find_scope(regions);
    pn_regions_areas(regions);
    if (!regions->failed)
        pn_regions_candidates(regions);
    return !regions->failed;
}
