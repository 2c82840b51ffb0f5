/*
 * Group by group: the addresses of the blocks are found first, for they belong to no
 * other group; then the rules without ident, then those of each ident; and at last the
 * blocks again, as the successors of which all others come.
 */
#include "analysis/survey_build.h"

#include "analysis/survey_blocks.h"
#include "analysis/survey_hosts.h"
#include "analysis/survey_mixed.h"
#include "analysis/survey_sums.h"
#include "analysis/survey_sweep.h"
#include "base/memory.h"
#include "base/vector.h"

/* Records that an item has something in a group of the space. */
static void
item_mark(struct pn_survey *survey, uint32_t item, uint32_t group, unsigned flags)
{
    struct pn_item_info *info = &survey->infos[item];

    info->group = group;
    info->flags = (uint16_t)(info->flags | PN_ITEM_EFFECTIVE | flags);
}

static void
group_mark(struct pn_survey *survey, uint32_t number)
{
    const struct pn_group *g = &survey->policy->space.groups[number];

    for (size_t i = 0; i < g->prefixes[PN_V4].count; i++)
        item_mark(survey, g->prefixes[PN_V4].items[i].rule, number, PN_ITEM_ADDRESSES);
    for (size_t i = 0; i < g->prefixes[PN_V6].count; i++)
        item_mark(survey, g->prefixes[PN_V6].items[i].rule, number, PN_ITEM_ADDRESSES);
    for (size_t i = 0; i < g->spelt_count; i++)
        item_mark(survey, g->spelt[i].prefix.rule, number, PN_ITEM_ADDRESSES);
    for (size_t i = 0; i < g->host_count; i++)
        item_mark(survey, g->hosts[i].rule, number, PN_ITEM_HOSTS);
    if (g->any_host != PN_RULE_NONE)
        item_mark(survey, g->any_host, number, PN_ITEM_HOSTS);
    if (g->fallback != PN_RULE_NONE)
        item_mark(survey, g->fallback, number, PN_ITEM_DEFAULT);
}

static void
collection_add(struct pn_survey *survey, uint32_t item)
{
    const struct pn_collection collection = { .item = item };

    if (!survey->policy->items[item].node ||
        !pn_item_is_collection(survey->policy, item))
        return;
    if (pn_vector_add(&survey->collections, &survey->collection_count,
                      &survey->collection_capacity, &collection, sizeof(collection)))
        survey->infos[item].collection = (uint32_t)survey->collection_count - 1;
    else
        survey->failed = true;
}

/* Without the first of two items with one key, the second would decide. */
static void
contradiction_mark(struct pn_survey *survey, const struct pn_duplicate *duplicate)
{
    struct pn_item_info *first = &survey->infos[duplicate->first];

    if (first->class != survey->infos[duplicate->rule].class)
        first->flags |= PN_ITEM_CONTRADICTED;
}

static void
infos_begin(struct pn_survey *survey)
{
    const struct pn_space *space = &survey->policy->space;

    survey->count = survey->policy->item_count;
    survey->infos =
        pn_aligned_alloc(PN_ITEM_SIZE, (survey->count + 1) * sizeof(*survey->infos));
    survey->groups = pn_calloc(space->group_count, sizeof(*survey->groups));
    if (!survey->infos || !survey->groups) {
        survey->failed = true;
        survey->count = 0;
        return;
    }
    for (uint32_t t = 0; t < survey->count; t++) {
        uint32_t rule = survey->policy->items[t].rule;
        bool allows = survey->policy->rules[rule].verdict == POSTERN_ALLOW;

        survey->infos[t] =
            (struct pn_item_info){ .successors = pn_successors_none(),
                                   .collection = PN_RULE_NONE,
                                   .class = survey->classes[rule],
                                   .flags = allows ? PN_ITEM_ALLOWS : 0 };
        collection_add(survey, t);
    }
    for (uint32_t i = 0; i < space->group_count; i++)
        group_mark(survey, i);
    for (size_t i = 0; i < space->duplicate_count; i++) {
        struct pn_item_info *info = &survey->infos[space->duplicates[i].rule];

        info->flags |= PN_ITEM_DUPLICATE;
        contradiction_mark(survey, &space->duplicates[i]);
        if (info->collection != PN_RULE_NONE) {
            survey->collections[info->collection].count++;
            survey->collections[info->collection].redundant++;
        }
    }
    for (size_t i = 0; i < space->group_count; i++)
        for (size_t f = 0; f < 2; f++) {
            pn_range_summary_begin(&survey->groups[i].families[f].summary);
            pn_range_summary_begin(&survey->groups[i].families[f].under_gap);
        }
}

/* Sums up the hosts that the current group has no rule for, by the rules without ident.
 */
static void
fallthrough_make(struct pn_survey_work *w)
{
    const struct pn_survey *survey = w->survey;
    bool *among = pn_calloc(survey->hosts.count, 1);

    w->any_fallthrough = false;
    if (!among) {
        w->survey->failed = true;
        return;
    }
    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        among[c] = survey->hosts.asked[c] && w->rules.exact[c] == PN_RULE_NONE &&
                   w->rules.wide[c] == PN_RULE_NONE;
        w->any_fallthrough |= among[c];
    }
    pn_host_sum_make(survey, &w->below, among, &w->fallthrough);
    pn_free(among);
}

static void
group_survey(struct pn_survey_work *w, uint32_t group)
{
    struct pn_survey *survey = w->survey;
    bool is_first = group == PN_GROUP_NO_IDENT;

    w->group = group;
    if (!pn_work_take(survey->work, survey->hosts.count / PN_SURVEY_NAMES_A_STEP)) {
        survey->failed = true;
        return;
    }
    if (!pn_host_rules_begin(&w->rules, &survey->hosts,
                             &survey->policy->space.groups[group])) {
        survey->failed = true;
        pn_host_rules_clear(&w->rules);
        return;
    }
    pn_host_sum_make(survey, &w->rules, survey->hosts.asked,
                     &survey->groups[group].hosts);
    w->any_fallthrough = false;
    if (!is_first)
        fallthrough_make(w);
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        if (pn_profile_has(&survey->profile, pn_family_at(f)))
            pn_survey_sweep(w, pn_family_at(f));
    if (!survey->failed)
        pn_survey_hosts(w, survey->hosts.asked);
    if (is_first) {
        w->below = w->rules;
        w->rules = (struct pn_host_rules){ 0 };
    }
    pn_host_rules_clear(&w->rules);
}

static void
work_clear(struct pn_survey_work *w)
{
    for (size_t f = 0; f <= w->survey->policy->space.zones.count; f++) {
        for (size_t i = 0; w->maps[f] && i < w->survey->policy->space.group_count; i++)
            pn_free(w->maps[f][i].items);
        pn_free(w->maps[f]);
    }
    pn_free(w->known);
    pn_host_rules_clear(&w->below);
    pn_host_rules_clear(&w->blocks);
}

void
pn_survey_make(struct pn_survey *survey, const struct pn_policy *policy,
               const uint32_t *classes, const struct pn_profile *profile,
               struct pn_work *limit)
{
    struct pn_survey_work work = { .survey = survey };
    const struct pn_space *space = &policy->space;

    *survey = (struct pn_survey){
        .work = limit, .policy = policy, .classes = classes, .profile = *profile
    };
    infos_begin(survey);
    if (survey->failed || !pn_hosts_begin(&survey->hosts, space, profile->no_host)) {
        survey->failed = true;
        return;
    }
    pn_survey_blocks_first(&work);
    for (uint32_t i = PN_GROUP_NO_IDENT; i < space->group_count && !survey->failed; i++)
        if (i == PN_GROUP_NO_IDENT || !profile->no_ident)
            group_survey(&work, i);
    if (!survey->failed)
        pn_survey_blocks_last(&work);
    if (!survey->failed)
        pn_survey_mixed(&work);
    work_clear(&work);
}
