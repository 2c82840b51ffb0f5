/*
 * Group by group: the blocks' addresses are found first, and belong to no other group;
 * then rules without ident, each ident's, and at last the blocks again, under which all
 * of these are.
 */
#include "analysis/survey.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/survey_work.h"
#include "base/vector.h"

static const struct pn_successors nobody = { PN_CLASS_NONE, PN_NATIVE_NONE, false };

void
pn_successors_add(const struct pn_survey *survey, struct pn_successors *successors,
                  uint32_t target)
{
    if (target == PN_NATIVE_NONE)
        return;
    successors->class =
        pn_class_merge(successors->class, pn_survey_class(survey, target));
    if (successors->one == PN_NATIVE_NONE)
        successors->one = target;
    else
        successors->more |= successors->one != target;
}

void
pn_successors_join(struct pn_successors *successors, const struct pn_successors *others)
{
    if (others->one == PN_NATIVE_NONE)
        return;
    successors->class = pn_class_merge(successors->class, others->class);
    if (successors->one == PN_NATIVE_NONE)
        successors->one = others->one;
    successors->more |= others->more || successors->one != others->one;
}

void
pn_range_summary_begin(struct pn_range_summary *summary)
{
    *summary = (struct pn_range_summary){ .exact = nobody, .prefix = nobody };
}

void
pn_range_summary_add(const struct pn_survey *survey, struct pn_range_summary *summary,
                     uint32_t exact, uint32_t prefix)
{
    if (exact != PN_NATIVE_NONE) {
        summary->any_exact = true;
        pn_successors_add(survey, &summary->exact, exact);
        return;
    }
    summary->any_other = true;
    summary->gap |= prefix == PN_NATIVE_NONE;
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
pn_host_sum_make(const struct pn_survey *survey, const struct pn_host_rules *rules,
                 const bool *among, struct pn_host_sum *out)
{
    *out = (struct pn_host_sum){ .exact = nobody, .wide = nobody };
    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        if (!among[c])
            continue;
        out->some = true;
        if (rules->exact[c] != PN_NATIVE_NONE) {
            pn_successors_add(survey, &out->exact, rules->exact[c]);
            continue;
        }
        out->rest = true;
        pn_successors_add(survey, &out->wide, rules->wide[c]);
    }
}

void
pn_range_summary_successors(const struct pn_range_summary *summary,
                            const struct pn_host_sum *hosts, struct pn_successors *out)
{
    if (summary->any_exact && hosts->some)
        pn_successors_join(out, &summary->exact);
    if (summary->any_other)
        pn_successors_join(out, &hosts->exact);
    if (hosts->rest)
        pn_successors_join(out, &summary->prefix);
    if (hosts->rest && summary->gap)
        pn_successors_join(out, &hosts->wide);
}

/* Marks what stands in the space, and for whom. */
static void
stand(struct pn_survey *survey, uint32_t target, uint32_t group, unsigned flags)
{
    struct pn_item_info *info = &survey->infos[target];

    info->group = group;
    info->flags = (uint16_t)(info->flags | PN_ITEM_EFFECTIVE | flags);
}

static void
mark_group(struct pn_survey *survey, uint32_t number)
{
    const struct pn_group *g = &survey->policy->space.groups[number];

    for (size_t i = 0; i < g->v4.count; i++)
        stand(survey, g->v4.items[i].rule, number, PN_ITEM_ADDRESSES);
    for (size_t i = 0; i < g->v6.count; i++)
        stand(survey, g->v6.items[i].rule, number, PN_ITEM_ADDRESSES);
    for (size_t i = 0; i < g->spelt_count; i++)
        stand(survey, g->spelt[i].prefix.rule, number, PN_ITEM_ADDRESSES);
    for (size_t i = 0; i < g->host_count; i++)
        stand(survey, g->hosts[i].rule, number, PN_ITEM_HOSTS);
    if (g->any_host != PN_NATIVE_NONE)
        stand(survey, g->any_host, number, PN_ITEM_HOSTS);
    if (g->fallback != PN_NATIVE_NONE)
        stand(survey, g->fallback, number, PN_ITEM_DEFAULT);
}

/* A target that is a set or a list has parts. */
static void
part_add(struct pn_survey *survey, uint32_t target)
{
    const struct pn_rule_item *item = &survey->policy->items[target];

    if (!item->node || !pn_target_is_many(survey->policy, target))
        return;
    if (!pn_vector_reserve(&survey->parts, &survey->part_capacity,
                           survey->part_count + 1, sizeof(*survey->parts))) {
        survey->failed = true;
        return;
    }
    survey->infos[target].part = (uint32_t)survey->part_count;
    survey->parts[survey->part_count++] = (struct pn_part){ .target = target };
}

bool
pn_target_is_many(const struct pn_policy *policy, uint32_t target)
{
    const struct pn_rule_item *item = &policy->items[target];
    const struct pn_rule_node *at = &policy->nodes[item->rule];
    const struct pn_tree *tree;
    struct pn_str word;
    const char *sign;

    if (!item->node || item->node->kind == PN_NODE_RULE)
        return false;
    if (item->node->kind == PN_NODE_LIST)
        return true;
    tree = &policy->names.unit->files[at->file]->tree;
    word =
        pn_source_slice(tree->source, pn_token_span(tree->tokens[item->node->token]));
    sign = memchr(word.ptr, '$', word.len);
    return sign && (sign == word.ptr || sign[-1] == '@');
}

/* Without the first of two with one key, the second would decide. */
static void
contradicted(struct pn_survey *survey, const struct pn_duplicate *duplicate)
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
        aligned_alloc(PN_ITEM_SIZE, (survey->count + 1) * sizeof(*survey->infos));
    survey->groups = calloc(space->group_count, sizeof(*survey->groups));
    if (!survey->infos || !survey->groups) {
        survey->failed = true;
        survey->count = 0;
        return;
    }
    for (uint32_t t = 0; t < survey->count; t++) {
        uint32_t rule = survey->policy->items[t].rule;
        bool allows = survey->policy->rules[rule].verdict == POSTERN_ALLOW;

        survey->infos[t] =
            (struct pn_item_info){ .successors = nobody,
                                   .part = PN_NATIVE_NONE,
                                   .class = survey->classes[rule],
                                   .flags = allows ? PN_ITEM_ALLOWS : 0 };
        part_add(survey, t);
    }
    for (uint32_t i = 0; i < space->group_count; i++)
        mark_group(survey, i);
    for (size_t i = 0; i < space->duplicate_count; i++) {
        struct pn_item_info *info = &survey->infos[space->duplicates[i].rule];

        info->flags |= PN_ITEM_DUPLICATE;
        contradicted(survey, &space->duplicates[i]);
        if (info->part != PN_NATIVE_NONE) {
            survey->parts[info->part].count++;
            survey->parts[info->part].idle++;
        }
    }
    for (size_t i = 0; i < space->group_count; i++)
        for (size_t f = 0; f < 2; f++) {
            pn_range_summary_begin(&survey->groups[i].families[f].summary);
            pn_range_summary_begin(&survey->groups[i].families[f].under_gap);
        }
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
            pn_survey_group(&work, i);
    if (!survey->failed)
        pn_survey_blocks_last(&work);
    if (!survey->failed)
        pn_survey_mixed(&work);
    pn_survey_work_clear(&work);
}

void
pn_survey_clear(struct pn_survey *survey)
{
    free(survey->infos);
    free(survey->groups);
    free(survey->parts);
    free(survey->idle);
    free(survey->covers[0].items);
    free(survey->covers[1].items);
    pn_hosts_clear(&survey->hosts);
    *survey = (struct pn_survey){ 0 };
}

struct pn_successors
pn_survey_successors(const struct pn_survey *survey, uint32_t target)
{
    const struct pn_item_info *info = &survey->infos[target];
    struct pn_successors successors = info->successors;

    if (info->flags & PN_ITEM_EXACT && !pn_item_is_mixed(info))
        pn_successors_join(&successors, &survey->groups[info->group].hosts.exact);
    return successors;
}

bool
pn_survey_is_redundant(const struct pn_survey *survey, uint32_t target)
{
    const struct pn_item_info *info = &survey->infos[target];
    struct pn_successors successors = pn_survey_successors(survey, target);

    return info->flags & PN_ITEM_LIVES &&
           !pn_class_merge_changes(successors.class, pn_survey_class(survey, target));
}
