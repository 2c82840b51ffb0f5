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

static const struct pn_takers nobody = { PN_JOIN_NOTHING, PN_NATIVE_NONE, false };

void
pn_takers_add(const struct pn_survey *survey, struct pn_takers *takers, uint32_t target)
{
    if (target == PN_NATIVE_NONE)
        return;
    takers->class = pn_join(takers->class, pn_survey_class(survey, target));
    if (takers->one == PN_NATIVE_NONE)
        takers->one = target;
    else
        takers->more |= takers->one != target;
}

void
pn_takers_join(struct pn_takers *takers, const struct pn_takers *others)
{
    if (others->one == PN_NATIVE_NONE)
        return;
    takers->class = pn_join(takers->class, others->class);
    if (takers->one == PN_NATIVE_NONE)
        takers->one = others->one;
    takers->more |= others->more || takers->one != others->one;
}

void
pn_spread_begin(struct pn_spread *spread)
{
    *spread = (struct pn_spread){ .exact = nobody, .prefix = nobody };
}

void
pn_spread_add(const struct pn_survey *survey, struct pn_spread *spread, uint32_t exact,
              uint32_t prefix)
{
    if (exact != PN_NATIVE_NONE) {
        spread->any_exact = true;
        pn_takers_add(survey, &spread->exact, exact);
        return;
    }
    spread->any_other = true;
    spread->gap |= prefix == PN_NATIVE_NONE;
    pn_takers_add(survey, &spread->prefix, prefix);
}

void
pn_spread_join(struct pn_spread *spread, const struct pn_spread *other)
{
    pn_takers_join(&spread->exact, &other->exact);
    pn_takers_join(&spread->prefix, &other->prefix);
    spread->any_exact |= other->any_exact;
    spread->any_other |= other->any_other;
    spread->gap |= other->gap;
    spread->denied += other->denied;
    if (!spread->denial.family)
        spread->denial = other->denial;
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
            pn_takers_add(survey, &out->exact, rules->exact[c]);
            continue;
        }
        out->rest = true;
        pn_takers_add(survey, &out->wide, rules->wide[c]);
    }
}

void
pn_spread_takers(const struct pn_spread *spread, const struct pn_host_sum *hosts,
                 struct pn_takers *out)
{
    if (spread->any_exact && hosts->some)
        pn_takers_join(out, &spread->exact);
    if (spread->any_other)
        pn_takers_join(out, &hosts->exact);
    if (hosts->rest)
        pn_takers_join(out, &spread->prefix);
    if (hosts->rest && spread->gap)
        pn_takers_join(out, &hosts->wide);
}

/* Marks what stands in the space, and for whom. */
static void
stand(struct pn_survey *survey, uint32_t target, uint32_t group, unsigned flags)
{
    struct pn_fact *fact = &survey->facts[target];

    fact->group = group;
    fact->flags = (uint16_t)(fact->flags | PN_FACT_STANDS | flags);
}

static void
mark_group(struct pn_survey *survey, uint32_t number)
{
    const struct pn_group *g = &survey->policy->space.groups[number];

    for (size_t i = 0; i < g->v4.count; i++)
        stand(survey, g->v4.items[i].rule, number, PN_FACT_ADDRESSES);
    for (size_t i = 0; i < g->v6.count; i++)
        stand(survey, g->v6.items[i].rule, number, PN_FACT_ADDRESSES);
    for (size_t i = 0; i < g->spelt_count; i++)
        stand(survey, g->spelt[i].prefix.rule, number, PN_FACT_ADDRESSES);
    for (size_t i = 0; i < g->host_count; i++)
        stand(survey, g->hosts[i].rule, number, PN_FACT_HOSTS);
    if (g->any_host != PN_NATIVE_NONE)
        stand(survey, g->any_host, number, PN_FACT_HOSTS);
    if (g->fallback != PN_NATIVE_NONE)
        stand(survey, g->fallback, number, PN_FACT_DEFAULT);
}

/* A target that is a set or a list has parts. */
static void
part_add(struct pn_survey *survey, uint32_t target)
{
    const struct pn_written *written = &survey->policy->written[target];

    if (!written->node || !pn_target_is_many(survey->policy, target))
        return;
    if (!pn_vector_reserve(&survey->parts, &survey->part_capacity,
                           survey->part_count + 1, sizeof(*survey->parts))) {
        survey->failed = true;
        return;
    }
    survey->facts[target].part = (uint32_t)survey->part_count;
    survey->parts[survey->part_count++] = (struct pn_part){ .target = target };
}

bool
pn_target_is_many(const struct pn_policy *policy, uint32_t target)
{
    const struct pn_written *written = &policy->written[target];
    const struct pn_rule_node *at = &policy->nodes[written->rule];
    const struct pn_tree *tree;
    struct pn_str word;
    const char *sign;

    if (!written->node || written->node->kind == PN_NODE_RULE)
        return false;
    if (written->node->kind == PN_NODE_LIST)
        return true;
    tree = &policy->names.unit->files[at->file]->tree;
    word = pn_source_slice(tree->source,
                           pn_token_span(tree->tokens[written->node->token]));
    sign = memchr(word.ptr, '$', word.len);
    return sign && (sign == word.ptr || sign[-1] == '@');
}

/* Without the first of two with one key, the second would decide. */
static void
gainsaid(struct pn_survey *survey, const struct pn_again *again)
{
    struct pn_fact *first = &survey->facts[again->first];

    if (first->class != survey->facts[again->rule].class)
        first->flags |= PN_FACT_GAINSAID;
}

static void
facts_begin(struct pn_survey *survey)
{
    const struct pn_space *space = &survey->policy->space;

    survey->count = survey->policy->written_count;
    survey->facts =
        aligned_alloc(PN_FACT_SIZE, (survey->count + 1) * sizeof(*survey->facts));
    survey->groups = calloc(space->group_count, sizeof(*survey->groups));
    if (!survey->facts || !survey->groups) {
        survey->failed = true;
        survey->count = 0;
        return;
    }
    for (uint32_t t = 0; t < survey->count; t++) {
        uint32_t rule = survey->policy->written[t].rule;
        bool allows = survey->policy->rules[rule].verdict == POSTERN_ALLOW;

        survey->facts[t] = (struct pn_fact){ .takers = nobody,
                                             .part = PN_NATIVE_NONE,
                                             .class = survey->classes[rule],
                                             .flags = allows ? PN_FACT_ALLOWS : 0 };
        part_add(survey, t);
    }
    for (uint32_t i = 0; i < space->group_count; i++)
        mark_group(survey, i);
    for (size_t i = 0; i < space->again_count; i++) {
        struct pn_fact *fact = &survey->facts[space->again[i].rule];

        fact->flags |= PN_FACT_AGAIN;
        gainsaid(survey, &space->again[i]);
        if (fact->part != PN_NATIVE_NONE) {
            survey->parts[fact->part].count++;
            survey->parts[fact->part].idle++;
        }
    }
    for (size_t i = 0; i < space->group_count; i++)
        for (size_t f = 0; f < 2; f++) {
            pn_spread_begin(&survey->groups[i].families[f].spread);
            pn_spread_begin(&survey->groups[i].families[f].under_gap);
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
    facts_begin(survey);
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
    free(survey->facts);
    free(survey->groups);
    free(survey->parts);
    free(survey->idle);
    free(survey->covers[0].items);
    free(survey->covers[1].items);
    pn_hosts_clear(&survey->hosts);
    *survey = (struct pn_survey){ 0 };
}

struct pn_takers
pn_survey_takers(const struct pn_survey *survey, uint32_t target)
{
    const struct pn_fact *fact = &survey->facts[target];
    struct pn_takers takers = fact->takers;

    if (fact->flags & PN_FACT_EXACT && !pn_fact_is_mixed(fact))
        pn_takers_join(&takers, &survey->groups[fact->group].hosts.exact);
    return takers;
}

bool
pn_survey_is_redundant(const struct pn_survey *survey, uint32_t target)
{
    const struct pn_fact *fact = &survey->facts[target];
    struct pn_takers takers = pn_survey_takers(survey, target);

    return fact->flags & PN_FACT_LIVES &&
           !pn_join_changes(takers.class, pn_survey_class(survey, target));
}
