/* Sums over ranges and hosts are made in one pass, and can only be joined. */
#include "analysis/survey_sums.h"

#include "compiler/unicast.h"

/* Sweeps over the blocks leave out nothing but the mapped addresses. The cast:
 * intervals are their owner's to change, and these have none. */
static const struct pn_interval mapped_cover[] = { { PN_MAPPED_FIRST,
                                                     PN_MAPPED_LAST } };
static const struct pn_intervals block_covers[PN_FAMILIES] = {
    { NULL, 0, 0 }, { (struct pn_interval *)mapped_cover, 1, 0 }
};

void
pn_range_summary_begin(struct pn_range_summary *summary)
{
    *summary = (struct pn_range_summary){ .exact = pn_successors_none(),
                                          .prefix = pn_successors_none() };
}

void
pn_range_summary_add(const struct pn_survey *survey, struct pn_range_summary *summary,
                     uint32_t exact, uint32_t prefix)
{
    if (exact != PN_RULE_NONE) {
        summary->any_exact = true;
        pn_successors_add(survey, &summary->exact, exact);
        return;
    }
    summary->any_other = true;
    summary->gap |= prefix == PN_RULE_NONE;
    pn_successors_add(survey, &summary->prefix, prefix);
}

void
pn_range_summary_join(struct pn_range_summary *summary,
                      const struct pn_range_summary *other)
{
    pn_successors_join(&summary->exact, &other->exact);
    pn_successors_join(&summary->prefix, &other->prefix);
    summary->any_exact |= other->any_exact;
    summary->any_other |= other->any_other;
    summary->gap |= other->gap;
    summary->denied += other->denied;
    if (!summary->denial.family)
        summary->denial = other->denial;
}

void
pn_range_summary_successors(const struct pn_range_summary *summary,
                            const struct pn_host_sum *hosts, struct pn_successors *out)
{
    if (summary->any_exact && hosts->any)
        pn_successors_join(out, &summary->exact);
    if (summary->any_other)
        pn_successors_join(out, &hosts->exact);
    if (hosts->any_other)
        pn_successors_join(out, &summary->prefix);
    if (hosts->any_other && summary->gap)
        pn_successors_join(out, &hosts->wide);
}

void
pn_range_summary_host(const struct pn_survey *survey,
                      const struct pn_range_summary *summary,
                      const struct pn_host_rules *rules, uint32_t candidate,
                      struct pn_successors *successors)
{
    if (summary->any_exact)
        pn_successors_join(successors, &summary->exact);
    if (!summary->any_other)
        return;
    if (rules->exact[candidate] != PN_RULE_NONE) {
        pn_successors_add(survey, successors, rules->exact[candidate]);
        return;
    }
    pn_successors_join(successors, &summary->prefix);
    if (summary->gap)
        pn_successors_add(survey, successors, rules->wide[candidate]);
}

void
pn_host_sum_make(const struct pn_survey *survey, const struct pn_host_rules *rules,
                 const bool *among, struct pn_host_sum *out)
{
    *out = (struct pn_host_sum){ .exact = pn_successors_none(),
                                 .wide = pn_successors_none() };
    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        if (!among[c])
            continue;
        out->any = true;
        if (rules->exact[c] != PN_RULE_NONE) {
            pn_successors_add(survey, &out->exact, rules->exact[c]);
            continue;
        }
        out->any_other = true;
        pn_successors_add(survey, &out->wide, rules->wide[c]);
    }
}

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
                pn_number first, pn_number last, uint32_t item)
{
    pn_number at;

    if (!witness->family && pn_witness_choose(s, first, last, &at))
        *witness = (struct pn_witness){ at, s->family, item };
}

/* The part of an entry of a map that is in an interval; the two overlap. */
static void
entry_bounds(const struct pn_interval_map *map, size_t at,
             const struct pn_sweep_interval *s, pn_number *first, pn_number *last)
{
    const struct pn_interval_map_entry *entry = &map->items[at];

    *first = entry->start > s->first ? entry->start : s->first;
    *last = s->last;
    if (at + 1 < map->count && entry[1].start - 1 < *last)
        *last = entry[1].start - 1;
}

/* Counts the addresses of an entry when a prefix denies them. */
static void
summary_deny(const struct pn_survey *survey, struct pn_range_summary *summary,
             const struct pn_interval_map *map, size_t at,
             const struct pn_sweep_interval *s)
{
    const struct pn_interval_map_entry *entry = &map->items[at];
    pn_number first, last;

    if (entry->exact != PN_RULE_NONE || entry->prefix == PN_RULE_NONE ||
        survey->infos[entry->prefix].flags & PN_ITEM_ALLOWS)
        return;
    entry_bounds(map, at, s, &first, &last);
    summary->denied += pn_sweep_interval_count(s, first, last);
    pn_witness_take(&summary->denial, s, first, last, entry->prefix);
}

/* Does the zone of an interval have addresses in both the interval and an entry? */
static bool
has_common(const struct pn_interval_map *map, size_t at,
           const struct pn_sweep_interval *s)
{
    pn_number first, last, found;

    entry_bounds(map, at, s, &first, &last);
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
        pn_range_summary_add(survey, &summary, PN_RULE_NONE, PN_RULE_NONE);
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
        if (s->weights && !has_common(maps, low, s))
            continue;
        pn_range_summary_add(survey, &summary, maps->items[low].exact,
                             maps->items[low].prefix);
        summary_deny(survey, &summary, maps, low, s);
    }
    return summary;
}

const struct pn_intervals *
pn_survey_covers(const struct pn_survey *survey, uint32_t group, uint8_t family)
{
    return group == PN_GROUP_BLOCKS ? &block_covers[pn_family_index(family)]
                                    : &survey->covers.families[pn_family_index(family)];
}

void
pn_survey_fallthrough(const struct pn_survey_work *w, const struct pn_sweep_interval *s,
                      uint32_t class, struct pn_successors *successors)
{
    const struct pn_survey *survey = w->survey;
    size_t groups = survey->policy->space.group_count;

    if (w->group != PN_GROUP_BLOCKS) {
        struct pn_range_summary summary =
            pn_interval_map_summary(survey, pn_survey_map(w, PN_GROUP_NO_IDENT, s), s);

        pn_range_summary_successors(&summary, &w->fallthrough, successors);
        return;
    }
    if (survey->profile.no_ident)
        groups = PN_NATIVE_FIRST_GROUPS;
    for (size_t g = PN_GROUP_NO_IDENT; g < groups; g++) {
        struct pn_range_summary summary;

        if (pn_class_merge_changes(successors->class,
                                   class)) /* it differs already, whatever is added */
            return;
        summary = pn_interval_map_summary(survey, pn_survey_map(w, (uint32_t)g, s), s);
        pn_range_summary_successors(&summary, &survey->groups[g].hosts, successors);
    }
}
