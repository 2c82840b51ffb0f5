/* One group: a sweep over its addresses, and a walk through the hosts. */
#include <stdlib.h>
#include <string.h>

#include "analysis/survey_work.h"
#include "base/vector.h"
#include "compiler/unicast.h"

enum { AHEAD = 16 };

static struct pn_group_info *
infos_of(const struct pn_survey_work *w)
{
    return &w->survey->groups[w->group];
}

static void
map_add(struct pn_survey_work *w, const struct pn_sweep_interval *s, uint32_t exact,
        uint32_t prefix)
{
    struct pn_interval_map *g = pn_survey_map(w, w->group, s);

    if (pn_vector_reserve(&g->items, &g->capacity, g->count + 1, sizeof(*g->items)))
        g->items[g->count++] =
            (struct pn_interval_map_entry){ s->first, exact, prefix };
    else
        w->survey->failed = true;
}

/* A global address is the best to show; else the first there is. */
static void
witness_prefer(struct pn_witness *witness, const struct pn_sweep_interval *s)
{
    pn_number at = s->first, old = witness->address, found;

    if (witness->family && pn_first_global_unicast(s->family, old, &old) &&
        old == witness->address)
        return;
    if (pn_first_global_unicast(s->family, s->last, &at) &&
        pn_witness_choose(s, at, s->last, &found))
        witness->address = found;
    else if (!witness->family && pn_witness_choose(s, s->first, s->last, &found))
        witness->address = found;
    witness->family = s->family;
    witness->target = PN_NATIVE_NONE;
}

/* Who takes over when an entry is gone, and `next` is the prefix around it. */
static void
gone(const struct pn_survey_work *w, const struct pn_prefix *next,
     const struct pn_sweep_interval *s, uint32_t class,
     struct pn_successors *successors)
{
    if (next) {
        pn_successors_add(w->survey, successors, next->rule);
        return;
    }
    pn_successors_join(successors, &infos_of(w)->hosts.wide);
    if (w->any_fallthrough)
        pn_survey_fallthrough(w, s, class, successors);
}

/* Is it of the list that is swept, and not spelt? */
static bool
is_listed(const struct pn_survey_work *w, const struct pn_prefix *entry)
{
    return (uintptr_t)entry >= (uintptr_t)w->entries &&
           (uintptr_t)entry < (uintptr_t)w->entries_end;
}

/* Would anything change without this entry alone? */
static void
part_mark(struct pn_survey_work *w, const struct pn_sweep_interval *s,
          const struct pn_prefix *entry)
{
    struct pn_successors successors = { PN_CLASS_NONE, PN_NATIVE_NONE, false };
    uint32_t class = pn_survey_class(w->survey, entry->rule);
    uint8_t *mark;

    if (!is_listed(w, entry))
        return; /* of a classic key, which has no parts */
    mark = &w->marks[entry - w->entries];
    if (*mark & PN_MARK_NEEDED)
        return;
    gone(w, pn_sweep_interval_prefix(s, entry, PN_NATIVE_NONE), s, class, &successors);
    if (entry->exact)
        pn_successors_join(&successors, &infos_of(w)->hosts.exact);
    if (pn_class_merge_changes(successors.class, class))
        *mark |= PN_MARK_NEEDED;
}

/* Entries are in the order of addresses, facts in that of the file: each would be
 * waited for. With a million rules in random order this takes an eighth off the whole.
 */
static void
fetch_ahead(const struct pn_survey_work *w, const struct pn_prefix *entry)
{
    if (is_listed(w, entry) && w->entries_end - entry > AHEAD)
        __builtin_prefetch(&w->survey->infos[entry[AHEAD].rule], 1);
}

static void
decide(struct pn_survey_work *w, const struct pn_sweep_interval *s,
       const struct pn_prefix *entry)
{
    struct pn_item_info *info = &w->survey->infos[entry->rule];
    const struct pn_prefix *next = pn_sweep_interval_prefix(s, NULL, entry->rule);

    fetch_ahead(w, entry);
    info->decided += pn_sweep_interval_count(s, s->first, s->last);
    info->flags |= s->family == 6 ? PN_ITEM_LIVES6 : PN_ITEM_LIVES4;
    info->flags |= entry->exact ? PN_ITEM_EXACT : PN_ITEM_PREFIX;
    pn_witness_take(&info->witness, s, s->first, s->last, entry->rule);
    if (!next)
        info->flags |= PN_ITEM_NOT_PREFIX;
    if (!pn_item_is_mixed(info))
        gone(w, next, s, pn_survey_class(w->survey, entry->rule), &info->successors);
    if (info->part != PN_NATIVE_NONE)
        part_mark(w, s, entry);
}

/* What a prefix says of the group's addresses, for whoever wants to know of the group.
 */
static void
prefix_count(struct pn_survey_work *w, struct pn_family_info *ff,
             const struct pn_sweep_interval *s, uint32_t target)
{
    bool allow = w->survey->infos[target].flags & PN_ITEM_ALLOWS;
    struct pn_witness *other = &ff->prefixes[1];

    if (!allow)
        ff->summary.denied += pn_sweep_interval_count(s, s->first, s->last);
    pn_witness_take(allow ? &ff->allowance : &ff->summary.denial, s, s->first, s->last,
                    target);
    pn_witness_take(&ff->prefixes[0], s, s->first, s->last, target);
    if (!other->family && pn_survey_class(w->survey, ff->prefixes[0].target) !=
                              pn_survey_class(w->survey, target))
        pn_witness_take(other, s, s->first, s->last, target);
}

static void
open_take(struct pn_survey_work *w, const struct pn_sweep_interval *s,
          const struct pn_prefix *exact, const struct pn_prefix *prefix)
{
    struct pn_family_info *ff = &infos_of(w)->families[s->family == 6];

    if (w->group == PN_GROUP_NO_IDENT) {
        w->open[s->family == 6] += pn_sweep_interval_count(s, s->first, s->last);
        witness_prefer(&w->open_witness[s->family == 6], s);
    }
    pn_range_summary_add(w->survey, &ff->summary, exact ? exact->rule : PN_NATIVE_NONE,
                         prefix ? prefix->rule : PN_NATIVE_NONE);
    if (exact) {
        decide(w, s, exact);
    } else if (prefix) {
        prefix_count(w, ff, s, prefix->rule);
        decide(w, s, prefix);
    } else {
        ff->gap += pn_sweep_interval_count(s, s->first, s->last);
        witness_prefer(&ff->gap_witness, s);
        if (w->group > PN_GROUP_NO_IDENT) {
            struct pn_range_summary under = pn_interval_map_summary(
                w->survey, pn_survey_map(w, PN_GROUP_NO_IDENT, s), s);

            pn_range_summary_join(&ff->under_gap, &under);
        }
    }
}

static void
open_interval(void *payload, const struct pn_sweep_interval *s)
{
    open_take(payload, s, pn_sweep_interval_exact(s),
              pn_sweep_interval_prefix(s, NULL, PN_NATIVE_NONE));
}

static void
map_interval(void *payload, const struct pn_sweep_interval *s)
{
    const struct pn_prefix *exact = pn_sweep_interval_exact(s);
    const struct pn_prefix *prefix = pn_sweep_interval_prefix(s, NULL, PN_NATIVE_NONE);

    map_add(payload, s, exact ? exact->rule : PN_NATIVE_NONE,
            prefix ? prefix->rule : PN_NATIVE_NONE);
}

static void
marks_count(struct pn_survey_work *w, const struct pn_prefixes *list, uint8_t family)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct pn_item_info *info = &w->survey->infos[list->items[i].rule];
        struct pn_part *part;

        if (info->part == PN_NATIVE_NONE)
            continue;
        part = &w->survey->parts[info->part];
        part->count++;
        if (w->marks[i] & PN_MARK_NEEDED)
            continue;
        part->idle++;
        if (pn_vector_reserve(&w->survey->idle, &w->survey->idle_capacity,
                              w->survey->idle_count + 1, sizeof(*w->survey->idle)))
            w->survey->idle[w->survey->idle_count++] =
                (struct pn_idle){ list->items[i].rule, (uint32_t)i & INT32_MAX,
                                  family == 6 };
        else
            w->survey->failed = true;
    }
}

/* A family of which the group has nothing is all gap. */
static void
gap_whole(struct pn_survey_work *w, uint8_t family)
{
    size_t f = family == 6;
    struct pn_family_info *ff = &infos_of(w)->families[f];

    if (!w->open[f])
        return;
    ff->gap = w->open[f];
    ff->gap_witness = w->open_witness[f];
    pn_range_summary_add(w->survey, &ff->summary, PN_NATIVE_NONE, PN_NATIVE_NONE);
    ff->under_gap = w->survey->groups[PN_GROUP_NO_IDENT].families[f].summary;
}

void
pn_survey_sweep(struct pn_survey_work *w, uint8_t family,
                const struct pn_covers *covers)
{
    const struct pn_group *g = &w->survey->policy->space.groups[w->group];
    const struct pn_prefixes *list = family == 6 ? &g->v6 : &g->v4;

    if (!list->count && w->group > PN_GROUP_NO_IDENT) {
        gap_whole(w, family);
        return;
    }
    w->entries = list->items;
    w->entries_end = list->count ? list->items + list->count : NULL;
    w->marks = calloc(list->count + 1, 1);
    if (!w->marks ||
        (w->keep_maps && !pn_sweep_group(&w->survey->policy->space, w->group, family,
                                         NULL, map_interval, w)) ||
        !pn_sweep_group(&w->survey->policy->space, w->group, family, covers,
                        open_interval, w))
        w->survey->failed = true;
    else
        marks_count(w, list, family);
    free(w->marks);
    w->marks = NULL;
}

void
pn_successors_add_host(const struct pn_survey *survey,
                       const struct pn_range_summary *summary,
                       const struct pn_host_rules *rules, uint32_t candidate,
                       struct pn_successors *successors)
{
    if (summary->any_exact)
        pn_successors_join(successors, &summary->exact);
    if (!summary->any_other)
        return;
    if (rules->exact[candidate] != PN_NATIVE_NONE) {
        pn_successors_add(survey, successors, rules->exact[candidate]);
        return;
    }
    pn_successors_join(successors, &summary->prefix);
    if (summary->gap)
        pn_successors_add(survey, successors, rules->wide[candidate]);
}

/* Who takes over from a host's rule: for one candidate, where the next one is known. */
static void
host_gone(const struct pn_survey_work *w, uint32_t candidate, bool exact, uint32_t next,
          struct pn_successors *successors)
{
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_info *ff = &infos_of(w)->families[f];

        if (exact && ff->summary.any_other)
            pn_successors_join(successors, &ff->summary.prefix);
        if (!ff->summary.gap)
            continue;
        if (next != PN_NATIVE_NONE)
            pn_successors_add(w->survey, successors, next);
        else if (w->group > PN_GROUP_NO_IDENT)
            pn_successors_add_host(w->survey, &ff->under_gap, &w->below, candidate,
                                   successors);
    }
}

/* The name that gives a candidate its rule: its own, or the suffix around it. */
static uint32_t
name_of(const struct pn_survey_work *w, uint32_t candidate, bool exact)
{
    uint32_t at = candidate;

    if (exact)
        return candidate - PN_HOST_FIRST_NAME;
    if (!pn_host_is_suffix(&w->survey->hosts, at))
        at = w->survey->hosts.parent[at];
    while (at && w->rules.named[at - PN_HOST_FIRST_NAME] == PN_NATIVE_NONE)
        at = w->survey->hosts.parent[at];
    return at ? at - PN_HOST_FIRST_NAME : PN_NATIVE_NONE;
}

static void
host_mark(struct pn_survey_work *w, uint32_t candidate, bool exact, uint32_t target)
{
    struct pn_successors successors = { PN_CLASS_NONE, PN_NATIVE_NONE, false };
    uint32_t name = name_of(w, candidate, exact);
    uint32_t next = pn_host_wide_without(&w->survey->hosts, &w->rules, candidate,
                                         PN_NATIVE_NONE, name);

    if (name == PN_NATIVE_NONE) /* any host */
        return;
    host_gone(w, candidate, exact, next, &successors);
    if (w->group == PN_GROUP_BLOCKS && next == PN_NATIVE_NONE)
        w->name_marks[name] |= PN_MARK_NEEDED; /* by a block, if nothing else blocks */
    if (pn_class_merge_changes(successors.class, pn_survey_class(w->survey, target)))
        w->name_marks[name] |= PN_MARK_NEEDED;
}

static void
host_decide(struct pn_survey_work *w, uint32_t candidate)
{
    uint32_t exact = w->rules.exact[candidate], target = exact;
    struct pn_item_info *info;
    bool lives = false;

    if (exact == PN_NATIVE_NONE)
        target = w->rules.wide[candidate];
    if (target == PN_NATIVE_NONE)
        return;
    info = &w->survey->infos[target];
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_info *ff = &infos_of(w)->families[f];

        if (exact == PN_NATIVE_NONE ? !ff->summary.gap : !ff->summary.any_other)
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
        host_gone(w, candidate, exact != PN_NATIVE_NONE,
                  pn_host_wide_without(&w->survey->hosts, &w->rules, candidate, target,
                                       PN_NATIVE_NONE),
                  &info->successors);
    if (info->part != PN_NATIVE_NONE)
        host_mark(w, candidate, exact != PN_NATIVE_NONE, target);
}

void
pn_survey_hosts(struct pn_survey_work *w, const bool *among)
{
    const struct pn_survey *survey = w->survey;
    const struct pn_group *g = &survey->policy->space.groups[w->group];

    w->name_marks = calloc(survey->hosts.count, 1);
    if (!w->name_marks) {
        w->survey->failed = true;
        return;
    }
    for (uint32_t c = 0; c < survey->hosts.count; c++)
        if (among[c])
            host_decide(w, c);
    for (size_t i = 0; i < g->host_count; i++) {
        uint32_t part = survey->infos[g->hosts[i].rule].part;

        if (part == PN_NATIVE_NONE)
            continue;
        survey->parts[part].count++;
        survey->parts[part].idle += !(w->name_marks[g->hosts[i].name] & PN_MARK_NEEDED);
    }
    free(w->name_marks);
    w->name_marks = NULL;
}

/* Whom the group at hand does not answer, as the rules below it see them. */
static void
fallthrough_make(struct pn_survey_work *w)
{
    const struct pn_survey *survey = w->survey;
    bool *among = calloc(survey->hosts.count, 1);

    w->any_fallthrough = false;
    if (!among) {
        w->survey->failed = true;
        return;
    }
    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        among[c] = survey->hosts.asked[c] && w->rules.exact[c] == PN_NATIVE_NONE &&
                   w->rules.wide[c] == PN_NATIVE_NONE;
        w->any_fallthrough |= among[c];
    }
    pn_host_sum_make(survey, &w->below, among, &w->fallthrough);
    free(among);
}

void
pn_survey_group(struct pn_survey_work *w, uint32_t group)
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
    pn_host_sum_make(survey, &w->rules, survey->hosts.asked, &infos_of(w)->hosts);
    w->any_fallthrough = false;
    if (!is_first)
        fallthrough_make(w);
    if (!survey->profile.no_v4)
        pn_survey_sweep(w, 4, &survey->covers[0]);
    if (!survey->profile.no_v6)
        pn_survey_sweep(w, 6, &survey->covers[1]);
    if (!survey->failed)
        pn_survey_hosts(w, survey->hosts.asked);
    if (is_first) {
        w->below = w->rules;
        w->rules = (struct pn_host_rules){ 0 };
    }
    pn_host_rules_clear(&w->rules);
}
