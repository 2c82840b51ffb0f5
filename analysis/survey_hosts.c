/* One pass over the candidates, each of which stands for all hosts like it. */
#include "analysis/survey_hosts.h"

#include "analysis/survey_sums.h"
#include "base/memory.h"

static struct pn_group_info *
info_of_group(const struct pn_survey_work *w)
{
    return &w->survey->groups[w->group];
}

/* Adds the successors of a host's rule for one candidate, where `next` is the next rule
 * of hosts for it. */
static void
host_successors(const struct pn_survey_work *w, uint32_t candidate, bool exact,
                uint32_t next, struct pn_successors *successors)
{
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_info *ff = &info_of_group(w)->families[f];

        if (exact && ff->summary.any_other)
            pn_successors_join(successors, &ff->summary.prefix);
        if (!ff->summary.gap)
            continue;
        if (next != PN_RULE_NONE)
            pn_successors_add(w->survey, successors, next);
        else if (w->group > PN_GROUP_NO_IDENT)
            pn_range_summary_host(w->survey, &ff->under_gap, &w->below, candidate,
                                  successors);
    }
}

/* The name that gives a candidate its rule: its own, or that of the suffix above it. */
static uint32_t
name_of(const struct pn_survey_work *w, uint32_t candidate, bool exact)
{
    uint32_t at = candidate;

    if (exact)
        return candidate - PN_HOST_FIRST_NAME;
    if (!pn_host_is_suffix(&w->survey->hosts, at))
        at = w->survey->hosts.parent[at];
    while (at && w->rules.named[at - PN_HOST_FIRST_NAME] == PN_RULE_NONE)
        at = w->survey->hosts.parent[at];
    return at ? at - PN_HOST_FIRST_NAME : PN_NAME_ANY;
}

/* Marks the name of a collection as needed when something would change without it. */
static void
host_mark(struct pn_survey_work *w, uint32_t candidate, bool exact, uint32_t item)
{
    struct pn_successors successors = pn_successors_none();
    uint32_t name = name_of(w, candidate, exact);
    uint32_t next = pn_host_wide_without(&w->survey->hosts, &w->rules, candidate,
                                         PN_RULE_NONE, name);

    if (name == PN_NAME_ANY) /* any host */
        return;
    host_successors(w, candidate, exact, next, &successors);
    if (w->group == PN_GROUP_BLOCKS && next == PN_RULE_NONE)
        w->name_marks[name] |= PN_MARK_NEEDED; /* by a block, if nothing else blocks */
    if (pn_class_merge_changes(successors.class, pn_survey_class(w->survey, item)))
        w->name_marks[name] |= PN_MARK_NEEDED;
}

/* Records what the rule of a candidate decides, and its successors. */
static void
host_decide(struct pn_survey_work *w, uint32_t candidate)
{
    uint32_t exact = w->rules.exact[candidate], item = exact;
    struct pn_item_info *info;
    bool lives = false;

    if (exact == PN_RULE_NONE)
        item = w->rules.wide[candidate];
    if (item == PN_RULE_NONE)
        return;
    info = &w->survey->infos[item];
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_info *ff = &info_of_group(w)->families[f];

        if (exact == PN_RULE_NONE ? !ff->summary.gap : !ff->summary.any_other)
            continue;
        lives = true;
        info->flags |= f ? PN_ITEM_LIVES6 : PN_ITEM_LIVES4;
        if (!info->witness.family) {
            info->witness = ff->gap_witness.family ? ff->gap_witness : ff->prefixes[0];
            info->host = candidate;
        }
        if (candidate == PN_HOST_NONE)
            info->decided += ff->gap;
    }
    if (!lives)
        return;
    info->flags |= PN_ITEM_NOT_PREFIX;
    if (!pn_item_is_mixed(info))
        host_successors(w, candidate, exact != PN_RULE_NONE,
                        pn_host_wide_without(&w->survey->hosts, &w->rules, candidate,
                                             item, PN_RULE_NONE),
                        &info->successors);
    if (info->collection != PN_RULE_NONE)
        host_mark(w, candidate, exact != PN_RULE_NONE, item);
}

void
pn_survey_hosts(struct pn_survey_work *w, const bool *among)
{
    const struct pn_survey *survey = w->survey;
    const struct pn_group *g = &survey->policy->space.groups[w->group];

    w->name_marks = pn_calloc(survey->hosts.count, 1);
    if (!w->name_marks) {
        w->survey->failed = true;
        return;
    }
    for (uint32_t c = 0; c < survey->hosts.count; c++)
        if (among[c])
            host_decide(w, c);
    for (size_t i = 0; i < g->host_count; i++) {
        uint32_t collection = survey->infos[g->hosts[i].rule].collection;

        if (collection == PN_RULE_NONE)
            continue;
        survey->collections[collection].count++;
        survey->collections[collection].redundant +=
            !(w->name_marks[g->hosts[i].name] & PN_MARK_NEEDED);
    }
    pn_free(w->name_marks);
    w->name_marks = NULL;
}
