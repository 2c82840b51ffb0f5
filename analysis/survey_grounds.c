/* What a group says over a stretch of another, and the addresses to show of stretches.
 */
#include "analysis/survey_work.h"
#include "compiler/unicast.h"

bool
pn_spot_choose(const struct pn_stretch *s, pn_number at, pn_number last, pn_number *out)
{
    if (!pn_stretch_first(s, at, last, out))
        return false;
    if (!s->weights)
        *out = pn_usable(s->family, at, last);
    return true;
}

void
pn_spot_take(struct pn_spot *spot, const struct pn_stretch *s, pn_number first,
             pn_number last, uint32_t target)
{
    pn_number at;

    if (!spot->family && pn_spot_choose(s, first, last, &at))
        *spot = (struct pn_spot){ at, s->family, target };
}

/* A ground that a prefix denies, as far as it lies in a stretch. */
static void
spread_deny(const struct pn_survey *survey, struct pn_spread *spread,
            const struct pn_grounds *grounds, size_t at, const struct pn_stretch *s)
{
    const struct pn_ground *g = &grounds->items[at];
    pn_number first = g->start > s->first ? g->start : s->first, last = s->last;

    if (g->exact != PN_NATIVE_NONE || g->prefix == PN_NATIVE_NONE ||
        survey->facts[g->prefix].flags & PN_FACT_ALLOWS)
        return;
    if (at + 1 < grounds->count && g[1].start - 1 < last)
        last = g[1].start - 1;
    spread->denied += pn_stretch_count(s, first, last);
    pn_spot_take(&spread->denial, s, first, last, g->prefix);
}

/* Has the zone addresses in both the ground and the stretch? */
static bool
ground_meets(const struct pn_grounds *grounds, size_t at, const struct pn_stretch *s)
{
    const struct pn_ground *g = &grounds->items[at];
    pn_number first = g->start > s->first ? g->start : s->first, last = s->last, found;

    if (at + 1 < grounds->count && g[1].start - 1 < last)
        last = g[1].start - 1;
    return pn_stretch_first(s, first, last, &found);
}

struct pn_spread
pn_grounds_spread(const struct pn_survey *survey, const struct pn_grounds *grounds,
                  const struct pn_stretch *s)
{
    size_t low = 0, high = grounds->count;
    struct pn_spread spread;

    pn_spread_begin(&spread);
    if (!grounds->count) { /* the group has no addresses of the family */
        pn_spread_add(survey, &spread, PN_NATIVE_NONE, PN_NATIVE_NONE);
        return spread;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (grounds->items[middle].start <= s->first)
            low = middle;
        else
            high = middle;
    }
    for (; low < grounds->count && grounds->items[low].start <= s->last; low++) {
        if (s->weights && !ground_meets(grounds, low, s))
            continue;
        pn_spread_add(survey, &spread, grounds->items[low].exact,
                      grounds->items[low].prefix);
        spread_deny(survey, &spread, grounds, low, s);
    }
    return spread;
}
