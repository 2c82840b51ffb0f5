/* The addresses that blocks decide are covers: sweeps over other groups leave them out.
 */
#include "analysis/survey_blocks.h"

#include "analysis/survey_hosts.h"
#include "analysis/survey_sums.h"
#include "analysis/survey_sweep.h"
#include "base/memory.h"

static void
cover_add(struct pn_survey_work *w, uint8_t family, pn_number first, pn_number last)
{
    struct pn_intervals *covers = &w->survey->covers.families[pn_family_index(family)];

    w->survey->failed |= !pn_intervals_add(covers, first, last);
}

/* An interval of the blocks, or without one. Mapped addresses are always covered: no
 * client asks with one. */
static void
interval_cover(void *payload, const struct pn_sweep_interval *s)
{
    struct pn_survey_work *w = payload;
    bool holds =
        s->family == 6 && s->first <= PN_MAPPED_LAST && s->last >= PN_MAPPED_FIRST;

    if (s->depth)
        cover_add(w, s->family, s->first, s->last);
    else if (holds)
        cover_add(w, s->family, s->first > PN_MAPPED_FIRST ? s->first : PN_MAPPED_FIRST,
                  s->last < PN_MAPPED_LAST ? s->last : PN_MAPPED_LAST);
}

void
pn_survey_blocks_first(struct pn_survey_work *w)
{
    struct pn_survey *survey = w->survey;
    const struct pn_space *space = &survey->policy->space;
    const struct pn_group *b = &space->groups[PN_GROUP_BLOCKS];
    bool blocks = b->prefixes[PN_V4].count || b->prefixes[PN_V6].count ||
                  b->host_count || b->any_host != PN_RULE_NONE;
    bool good = true;

    w->keep_maps = blocks || space->group_count > PN_NATIVE_FIRST_GROUPS;
    for (unsigned z = 0; z <= space->zones.count; z++) {
        w->maps[z] = pn_calloc(space->group_count, sizeof(struct pn_interval_map));
        good = good && w->maps[z];
    }
    w->known = pn_calloc(survey->hosts.count, 1);
    if (!good || !w->known || !pn_host_rules_begin(&w->blocks, &survey->hosts, b) ||
        !pn_sweep(&b->prefixes[PN_V4], 4, interval_cover, w) ||
        !pn_sweep(&b->prefixes[PN_V6], 6, interval_cover, w)) {
        survey->failed = true;
        return;
    }
    for (size_t c = 0; c < survey->hosts.count; c++) {
        w->known[c] = survey->hosts.asked[c];
        survey->hosts.asked[c] &=
            w->blocks.exact[c] == PN_RULE_NONE && w->blocks.wide[c] == PN_RULE_NONE;
    }
}

/* For hosts that a block decides, and no other block would: adds as successors what a
 * group says of them. */
static void
blocked_hosts_add(struct pn_survey_work *w, const struct pn_host_rules *rules,
                  uint32_t group)
{
    const struct pn_survey *survey = w->survey;

    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        uint32_t item = w->blocks.exact[c];
        struct pn_item_info *info;

        if (!w->known[c])
            continue;
        if (item == PN_RULE_NONE)
            item = w->blocks.wide[c];
        if (item == PN_RULE_NONE || pn_item_is_mixed(&survey->infos[item]) ||
            pn_host_wide_without(&survey->hosts, &w->blocks, c, item, PN_RULE_NONE) !=
                PN_RULE_NONE)
            continue;
        info = &survey->infos[item];
        for (size_t f = 0; f < 2; f++)
            if (survey->groups[PN_GROUP_BLOCKS].families[f].summary.gap)
                pn_range_summary_host(survey,
                                      &survey->groups[group].families[f].summary, rules,
                                      c, &info->successors);
    }
}

void
pn_survey_blocks_last(struct pn_survey_work *w)
{
    struct pn_survey *survey = w->survey;
    const struct pn_space *space = &survey->policy->space;
    const struct pn_group *b = &space->groups[PN_GROUP_BLOCKS];
    bool hosts = b->host_count || b->any_host != PN_RULE_NONE;

    w->group = PN_GROUP_BLOCKS;
    w->keep_maps = false;
    w->any_fallthrough = true;
    pn_host_sum_make(survey, &w->blocks, w->known,
                     &survey->groups[PN_GROUP_BLOCKS].hosts);
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        if (pn_profile_has(&survey->profile, pn_family_at(f)) &&
            (hosts || b->prefixes[f].count))
            pn_survey_sweep(w, pn_family_at(f));
    if (!hosts || survey->failed)
        return;
    w->rules = w->blocks;
    pn_survey_hosts(w, w->known);
    w->rules = (struct pn_host_rules){ 0 };
    blocked_hosts_add(w, &w->below, PN_GROUP_NO_IDENT);
    for (uint32_t g = PN_NATIVE_FIRST_GROUPS;
         g < space->group_count && !survey->profile.no_ident && !survey->failed; g++) {
        struct pn_host_rules rules;

        if (pn_host_rules_begin(&rules, &survey->hosts, &space->groups[g]))
            blocked_hosts_add(w, &rules, g);
        else
            survey->failed = true;
        pn_host_rules_clear(&rules);
    }
}
