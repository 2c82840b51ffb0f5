/*
 * An item with both addresses and hosts may succeed itself when it is taken away by
 * halves. So its group is swept once more without it, and what it decides is cut into
 * four regions: its exact addresses for all hosts; its hosts; its prefixes; and where
 * no address is named, the hosts below its suffixes.
 */
#include "analysis/survey_mixed.h"

#include "analysis/survey_sums.h"
#include "base/memory.h"

enum region { EXACT, HOSTS, PREFIXES, WIDE, REGIONS };

struct mixed {
    struct pn_survey_work *work;
    uint32_t item, group;
    const struct pn_host_rules *rules;
    struct pn_range_summary
        summaries[REGIONS];                  /* by region, as if the item were gone */
    struct pn_range_summary *under[REGIONS]; /* by region and later group: what it says
                                                where the item's group says nothing */
    bool *among[REGIONS], *fallthrough[REGIONS];
    size_t from, to; /* the range of later groups */
};

/* Adds an interval to a region, as if the item were gone. */
static void
region_add(struct mixed *m, enum region region, const struct pn_sweep_interval *s)
{
    const struct pn_survey *survey = m->work->survey;
    const struct pn_prefix *next = pn_sweep_interval_prefix(s, NULL, m->item);

    pn_range_summary_add(survey, &m->summaries[region], PN_RULE_NONE,
                         next ? next->rule : PN_RULE_NONE);
    for (size_t g = m->from; g < m->to && !next; g++) {
        struct pn_range_summary summary =
            pn_interval_map_summary(survey, pn_survey_map(m->work, (uint32_t)g, s), s);

        pn_range_summary_join(&m->under[region][g], &summary);
    }
}

static void
interval_take(void *payload, const struct pn_sweep_interval *s)
{
    struct mixed *m = payload;
    const struct pn_prefix *exact = pn_sweep_interval_exact(s);
    const struct pn_prefix *prefix = pn_sweep_interval_prefix(s, NULL, PN_RULE_NONE);

    if (exact) {
        if (exact->rule == m->item)
            region_add(m, EXACT, s);
        return;
    }
    region_add(m, HOSTS, s);
    if (!prefix)
        region_add(m, WIDE, s);
    else if (prefix->rule == m->item)
        region_add(m, PREFIXES, s);
}

static void
sweep(struct mixed *m, uint8_t family)
{
    struct pn_survey *survey = m->work->survey;

    if (!pn_sweep_group(&survey->policy->space, m->group, family,
                        pn_survey_covers(survey, m->group, family), interval_take, m))
        survey->failed = true;
}

/* Finds the candidates that the item decides in each region, and those of them for
 * which its group has no other rule. */
static void
candidates_find(struct mixed *m)
{
    const struct pn_survey *survey = m->work->survey;
    const bool *known =
        m->group == PN_GROUP_BLOCKS ? m->work->known : survey->hosts.asked;

    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        uint32_t exact = m->rules->exact[c];
        bool rest = known[c] && exact == PN_RULE_NONE;
        bool no_other = pn_host_wide_without(&survey->hosts, m->rules, c, m->item,
                                             PN_RULE_NONE) == PN_RULE_NONE;

        m->among[EXACT][c] = known[c];
        m->among[HOSTS][c] = known[c] && exact == m->item;
        m->among[PREFIXES][c] = rest;
        m->among[WIDE][c] = rest && m->rules->wide[c] == m->item;
        for (int r = 0; r < REGIONS; r++)
            m->fallthrough[r][c] = m->among[r][c] && no_other &&
                                   (exact == PN_RULE_NONE || exact == m->item);
    }
}

/* The sum over the hosts of a region, as if the item were gone. */
static struct pn_host_sum
sum_without(const struct mixed *m, enum region region)
{
    const struct pn_survey *survey = m->work->survey;
    struct pn_host_sum sum = { .exact = pn_successors_none(),
                               .wide = pn_successors_none() };

    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        uint32_t exact = m->rules->exact[c];

        if (!m->among[region][c])
            continue;
        sum.any = true;
        if (exact != PN_RULE_NONE && exact != m->item) {
            pn_successors_add(survey, &sum.exact, exact);
            continue;
        }
        sum.any_other = true;
        pn_successors_add(
            survey, &sum.wide,
            pn_host_wide_without(&survey->hosts, m->rules, c, m->item, PN_RULE_NONE));
    }
    return sum;
}

/* Adds what a later group says of the hosts that the item's group has no other rule
 * for.
 */
static void
fallthrough_add(struct mixed *m, enum region region, size_t g,
                const struct pn_host_rules *rules, struct pn_successors *successors)
{
    struct pn_host_sum sum;

    pn_host_sum_make(m->work->survey, rules, m->fallthrough[region], &sum);
    pn_range_summary_successors(&m->under[region][g], &sum, successors);
}

static void
successors_find(struct mixed *m)
{
    struct pn_survey *survey = m->work->survey;
    struct pn_successors *successors = &survey->infos[m->item].successors;

    for (unsigned f = 0; f < PN_FAMILIES; f++)
        if (pn_profile_has(&survey->profile, pn_family_at(f)))
            sweep(m, pn_family_at(f));
    candidates_find(m);
    for (enum region r = 0; r < REGIONS; r++) {
        struct pn_host_sum sum = sum_without(m, r);

        pn_range_summary_successors(&m->summaries[r], &sum, successors);
    }
    for (size_t g = m->from; g < m->to; g++) {
        struct pn_host_rules rules;

        if (!pn_host_rules_begin(&rules, &survey->hosts,
                                 &survey->policy->space.groups[g]))
            survey->failed = true;
        for (enum region r = 0; r < REGIONS && !survey->failed; r++)
            fallthrough_add(m, r, g, &rules, successors);
        pn_host_rules_clear(&rules);
    }
}

static bool
mixed_begin(struct mixed *m)
{
    const struct pn_survey *survey = m->work->survey;
    size_t groups = survey->policy->space.group_count;

    m->from = m->group == PN_GROUP_NO_IDENT ? groups : PN_GROUP_NO_IDENT;
    m->to = m->group > PN_GROUP_NO_IDENT ? PN_NATIVE_FIRST_GROUPS : groups;
    if (survey->profile.no_ident && m->to > PN_NATIVE_FIRST_GROUPS)
        m->to = PN_NATIVE_FIRST_GROUPS;
    for (int r = 0; r < REGIONS; r++) {
        pn_range_summary_begin(&m->summaries[r]);
        m->among[r] = pn_calloc(survey->hosts.count, 1);
        m->fallthrough[r] = pn_calloc(survey->hosts.count, 1);
        m->under[r] = pn_calloc(groups, sizeof(struct pn_range_summary));
        if (!m->among[r] || !m->fallthrough[r] || !m->under[r])
            return false;
        for (size_t g = 0; g < groups; g++)
            pn_range_summary_begin(&m->under[r][g]);
    }
    return true;
}

static void
mixed_end(struct mixed *m)
{
    for (int r = 0; r < REGIONS; r++) {
        pn_free(m->among[r]);
        pn_free(m->fallthrough[r]);
        pn_free(m->under[r]);
    }
}

void
pn_survey_mixed(struct pn_survey_work *w)
{
    struct pn_survey *survey = w->survey;

    for (uint32_t t = 0; t < survey->count && !survey->failed; t++) {
        const struct pn_item_info *info = &survey->infos[t];
        struct mixed m = { .work = w, .item = t, .group = info->group };
        struct pn_host_rules rules;

        if (!pn_item_is_mixed(info) || !(info->flags & PN_ITEM_LIVES))
            continue;
        if (pn_host_rules_begin(&rules, &survey->hosts,
                                &survey->policy->space.groups[m.group]) &&
            mixed_begin(&m)) {
            m.rules = &rules;
            successors_find(&m);
        } else {
            survey->failed = true;
        }
        mixed_end(&m);
        pn_host_rules_clear(&rules);
    }
}
