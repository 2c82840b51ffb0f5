/* What a group says over a stretch of another, and the addresses to show of stretches.
 */
#include "analysis/survey_work.h"
#include "compiler/unicast.h"

bool
pn_witness_choose(const struct pn_sweep_interval *s, pn_number at, pn_number last,
                  pn_number *out)
{
    if (!pn_sweep_interval_first(s, at, last, out))
        return false;
    if (!s->weights)
        *out = pn_example_address(s->family, at, last);
    return true;
}

void
pn_witness_take(struct pn_witness *witness, const struct pn_sweep_interval *s,
                pn_number first, pn_number last, uint32_t target)
{
    pn_number at;

    if (!witness->family && pn_witness_choose(s, first, last, &at))
        *witness = (struct pn_witness){ at, s->family, target };
}

/* A ground that a prefix denies, as far as it lies in a stretch. */
static void
summary_deny(const struct pn_survey *survey, struct pn_range_summary *summary,
             const struct pn_interval_map *maps, size_t at,
             const struct pn_sweep_interval *s)
{
    const struct pn_interval_map_entry *g = &maps->items[at];
    pn_number first = g->start > s->first ? g->start : s->first, last = s->last;

    if (g->exact != PN_NATIVE_NONE || g->prefix == PN_NATIVE_NONE ||
        survey->infos[g->prefix].flags & PN_ITEM_ALLOWS)
        return;
    if (at + 1 < maps->count && g[1].start - 1 < last)
        last = g[1].start - 1;
    summary->denied += pn_sweep_interval_count(s, first, last);
    pn_witness_take(&summary->denial, s, first, last, g->prefix);
}

/* Has the zone addresses in both the ground and the stretch? */
static bool
map_meets(const struct pn_interval_map *maps, size_t at,
          const struct pn_sweep_interval *s)
{
    const struct pn_interval_map_entry *g = &maps->items[at];
    pn_number first = g->start > s->first ? g->start : s->first, last = s->last, found;

    if (at + 1 < maps->count && g[1].start - 1 < last)
        last = g[1].start - 1;
    return pn_sweep_interval_first(s, first, last, &found);
}

struct pn_range_summary
pn_interval_map_summary(const struct pn_survey *survey,
                        const struct pn_interval_map *maps,
                        const struct pn_sweep_interval *s)
{
    size_t low = 0, high = maps->count;
    struct pn_range_summary summary;

    pn_range_summary_begin(&summary);
    if (!maps->count) { /* the group has no addresses of the family */
        pn_range_summary_add(survey, &summary, PN_NATIVE_NONE, PN_NATIVE_NONE);
        return summary;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (maps->items[middle].start <= s->first)
            low = middle;
        else
            high = middle;
    }
    for (; low < maps->count && maps->items[low].start <= s->last; low++) {
        if (s->weights && !map_meets(maps, low, s))
            continue;
        pn_range_summary_add(survey, &summary, maps->items[low].exact,
                             maps->items[low].prefix);
        summary_deny(survey, &summary, maps, low, s);
    }
    return summary;
}
