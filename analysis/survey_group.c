/* One group: a sweep over its addresses, and a walk through the hosts. */
#include <stdlib.h>
#include <string.h>

#include "analysis/survey_work.h"
#include "base/vector.h"
#include "compiler/unicast.h"

enum { AHEAD = 16 };

static struct pn_group_facts *
facts_of(const struct pn_survey_work *w)
{
    return &w->survey->groups[w->group];
}

static void
ground_add(struct pn_survey_work *w, const struct pn_stretch *s, uint32_t exact,
           uint32_t prefix)
{
    struct pn_grounds *g = pn_survey_grounds(w, w->group, s);

    if (pn_vector_reserve(&g->items, &g->capacity, g->count + 1, sizeof(*g->items)))
        g->items[g->count++] = (struct pn_ground){ s->first, exact, prefix };
    else
        w->survey->failed = true;
}

/* A global address is the best to show; else the first there is. */
static void
spot_prefer(struct pn_spot *spot, const struct pn_stretch *s)
{
    pn_number at = s->first, old = spot->address, found;

    if (spot->family && pn_first_global(s->family, old, &old) && old == spot->address)
        return;
    if (pn_first_global(s->family, s->last, &at) &&
        pn_spot_choose(s, at, s->last, &found))
        spot->address = found;
    else if (!spot->family && pn_spot_choose(s, s->first, s->last, &found))
        spot->address = found;
    spot->family = s->family;
    spot->target = PN_NATIVE_NONE;
}

/* Who takes over when an entry is gone, and `next` is the prefix around it. */
static void
gone(const struct pn_survey_work *w, const struct pn_prefix *next,
     const struct pn_stretch *s, uint32_t class, struct pn_takers *takers)
{
    if (next) {
        pn_takers_add(w->survey, takers, next->rule);
        return;
    }
    pn_takers_join(takers, &facts_of(w)->hosts.wide);
    if (w->any_falls)
        pn_survey_falls(w, s, class, takers);
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
part_mark(struct pn_survey_work *w, const struct pn_stretch *s,
          const struct pn_prefix *entry)
{
    struct pn_takers takers = { PN_JOIN_NOTHING, PN_NATIVE_NONE, false };
    uint32_t class = pn_survey_class(w->survey, entry->rule);
    uint8_t *mark;

    if (!is_listed(w, entry))
        return; /* of a classic key, which has no parts */
    mark = &w->marks[entry - w->entries];
    if (*mark & PN_MARK_NEEDED)
        return;
    gone(w, pn_stretch_prefix(s, entry, PN_NATIVE_NONE), s, class, &takers);
    if (entry->exact)
        pn_takers_join(&takers, &facts_of(w)->hosts.exact);
    if (pn_join_changes(takers.class, class))
        *mark |= PN_MARK_NEEDED;
}

/* Entries are in the order of addresses, facts in that of the file: each would be
 * waited for. With a million rules in random order this takes an eighth off the whole.
 */
static void
fetch_ahead(const struct pn_survey_work *w, const struct pn_prefix *entry)
{
    if (is_listed(w, entry) && w->entries_end - entry > AHEAD)
        __builtin_prefetch(&w->survey->facts[entry[AHEAD].rule], 1);
}

static void
decide(struct pn_survey_work *w, const struct pn_stretch *s,
       const struct pn_prefix *entry)
{
    struct pn_fact *fact = &w->survey->facts[entry->rule];
    const struct pn_prefix *next = pn_stretch_prefix(s, NULL, entry->rule);

    fetch_ahead(w, entry);
    fact->decided += pn_stretch_count(s, s->first, s->last);
    fact->flags |= s->family == 6 ? PN_FACT_LIVES6 : PN_FACT_LIVES4;
    fact->flags |= entry->exact ? PN_FACT_EXACT : PN_FACT_PREFIX;
    pn_spot_take(&fact->spot, s, s->first, s->last, entry->rule);
    if (!next)
        fact->flags |= PN_FACT_NOT_PREFIX;
    if (!pn_fact_is_mixed(fact))
        gone(w, next, s, pn_survey_class(w->survey, entry->rule), &fact->takers);
    if (fact->part != PN_NATIVE_NONE)
        part_mark(w, s, entry);
}

/* What a prefix says of the group's addresses, for whoever wants to know of the group.
 */
static void
prefix_count(struct pn_survey_work *w, struct pn_family_facts *ff,
             const struct pn_stretch *s, uint32_t target)
{
    bool allow = w->survey->facts[target].flags & PN_FACT_ALLOWS;
    struct pn_spot *other = &ff->prefixes[1];

    if (!allow)
        ff->spread.denied += pn_stretch_count(s, s->first, s->last);
    pn_spot_take(allow ? &ff->allowance : &ff->spread.denial, s, s->first, s->last,
                 target);
    pn_spot_take(&ff->prefixes[0], s, s->first, s->last, target);
    if (!other->family && pn_survey_class(w->survey, ff->prefixes[0].target) !=
                              pn_survey_class(w->survey, target))
        pn_spot_take(other, s, s->first, s->last, target);
}

static void
open_take(struct pn_survey_work *w, const struct pn_stretch *s,
          const struct pn_prefix *exact, const struct pn_prefix *prefix)
{
    struct pn_family_facts *ff = &facts_of(w)->families[s->family == 6];

    if (w->group == PN_GROUP_NO_IDENT) {
        w->open[s->family == 6] += pn_stretch_count(s, s->first, s->last);
        spot_prefer(&w->open_spot[s->family == 6], s);
    }
    pn_spread_add(w->survey, &ff->spread, exact ? exact->rule : PN_NATIVE_NONE,
                  prefix ? prefix->rule : PN_NATIVE_NONE);
    if (exact) {
        decide(w, s, exact);
    } else if (prefix) {
        prefix_count(w, ff, s, prefix->rule);
        decide(w, s, prefix);
    } else {
        ff->gap += pn_stretch_count(s, s->first, s->last);
        spot_prefer(&ff->gap_spot, s);
        if (w->group > PN_GROUP_NO_IDENT) {
            struct pn_spread under = pn_grounds_spread(
                w->survey, pn_survey_grounds(w, PN_GROUP_NO_IDENT, s), s);

            pn_spread_join(&ff->under_gap, &under);
        }
    }
}

static void
open_stretch(void *payload, const struct pn_stretch *s)
{
    open_take(payload, s, pn_stretch_exact(s),
              pn_stretch_prefix(s, NULL, PN_NATIVE_NONE));
}

static void
ground_stretch(void *payload, const struct pn_stretch *s)
{
    const struct pn_prefix *exact = pn_stretch_exact(s);
    const struct pn_prefix *prefix = pn_stretch_prefix(s, NULL, PN_NATIVE_NONE);

    ground_add(payload, s, exact ? exact->rule : PN_NATIVE_NONE,
               prefix ? prefix->rule : PN_NATIVE_NONE);
}

static void
marks_count(struct pn_survey_work *w, const struct pn_prefixes *list, uint8_t family)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct pn_fact *fact = &w->survey->facts[list->items[i].rule];
        struct pn_part *part;

        if (fact->part == PN_NATIVE_NONE)
            continue;
        part = &w->survey->parts[fact->part];
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
    struct pn_family_facts *ff = &facts_of(w)->families[f];

    if (!w->open[f])
        return;
    ff->gap = w->open[f];
    ff->gap_spot = w->open_spot[f];
    pn_spread_add(w->survey, &ff->spread, PN_NATIVE_NONE, PN_NATIVE_NONE);
    ff->under_gap = w->survey->groups[PN_GROUP_NO_IDENT].families[f].spread;
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
        (w->keep_grounds && !pn_sweep_group(&w->survey->policy->space, w->group, family,
                                            NULL, ground_stretch, w)) ||
        !pn_sweep_group(&w->survey->policy->space, w->group, family, covers,
                        open_stretch, w))
        w->survey->failed = true;
    else
        marks_count(w, list, family);
    free(w->marks);
    w->marks = NULL;
}

void
pn_takers_add_host(const struct pn_survey *survey, const struct pn_spread *spread,
                   const struct pn_host_rules *rules, uint32_t candidate,
                   struct pn_takers *takers)
{
    if (spread->any_exact)
        pn_takers_join(takers, &spread->exact);
    if (!spread->any_other)
        return;
    if (rules->exact[candidate] != PN_NATIVE_NONE) {
        pn_takers_add(survey, takers, rules->exact[candidate]);
        return;
    }
    pn_takers_join(takers, &spread->prefix);
    if (spread->gap)
        pn_takers_add(survey, takers, rules->wide[candidate]);
}

/* Who takes over from a host's rule: for one candidate, where the next one is known. */
static void
host_gone(const struct pn_survey_work *w, uint32_t candidate, bool exact, uint32_t next,
          struct pn_takers *takers)
{
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_facts *ff = &facts_of(w)->families[f];

        if (exact && ff->spread.any_other)
            pn_takers_join(takers, &ff->spread.prefix);
        if (!ff->spread.gap)
            continue;
        if (next != PN_NATIVE_NONE)
            pn_takers_add(w->survey, takers, next);
        else if (w->group > PN_GROUP_NO_IDENT)
            pn_takers_add_host(w->survey, &ff->under_gap, &w->below, candidate, takers);
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
    struct pn_takers takers = { PN_JOIN_NOTHING, PN_NATIVE_NONE, false };
    uint32_t name = name_of(w, candidate, exact);
    uint32_t next = pn_host_wide_without(&w->survey->hosts, &w->rules, candidate,
                                         PN_NATIVE_NONE, name);

    if (name == PN_NATIVE_NONE) /* any host */
        return;
    host_gone(w, candidate, exact, next, &takers);
    if (w->group == PN_GROUP_BLOCKS && next == PN_NATIVE_NONE)
        w->name_marks[name] |= PN_MARK_NEEDED; /* by a block, if nothing else blocks */
    if (pn_join_changes(takers.class, pn_survey_class(w->survey, target)))
        w->name_marks[name] |= PN_MARK_NEEDED;
}

static void
host_decide(struct pn_survey_work *w, uint32_t candidate)
{
    uint32_t exact = w->rules.exact[candidate], target = exact;
    struct pn_fact *fact;
    bool lives = false;

    if (exact == PN_NATIVE_NONE)
        target = w->rules.wide[candidate];
    if (target == PN_NATIVE_NONE)
        return;
    fact = &w->survey->facts[target];
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_facts *ff = &facts_of(w)->families[f];

        if (exact == PN_NATIVE_NONE ? !ff->spread.gap : !ff->spread.any_other)
            continue;
        lives = true;
        fact->flags |= f ? PN_FACT_LIVES6 : PN_FACT_LIVES4;
        if (!fact->spot.family) {
            fact->spot = ff->gap_spot.family ? ff->gap_spot : ff->prefixes[0];
            fact->host = candidate;
        }
        if (candidate == PN_HOST_NONE)
            fact->decided += ff->gap;
    }
    if (!lives)
        return;
    fact->flags |= PN_FACT_NOT_PREFIX;
    if (!pn_fact_is_mixed(fact))
        host_gone(w, candidate, exact != PN_NATIVE_NONE,
                  pn_host_wide_without(&w->survey->hosts, &w->rules, candidate, target,
                                       PN_NATIVE_NONE),
                  &fact->takers);
    if (fact->part != PN_NATIVE_NONE)
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
        uint32_t part = survey->facts[g->hosts[i].rule].part;

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
falls_make(struct pn_survey_work *w)
{
    const struct pn_survey *survey = w->survey;
    bool *among = calloc(survey->hosts.count, 1);

    w->any_falls = false;
    if (!among) {
        w->survey->failed = true;
        return;
    }
    for (uint32_t c = 0; c < survey->hosts.count; c++) {
        among[c] = survey->hosts.asked[c] && w->rules.exact[c] == PN_NATIVE_NONE &&
                   w->rules.wide[c] == PN_NATIVE_NONE;
        w->any_falls |= among[c];
    }
    pn_host_sum_make(survey, &w->below, among, &w->falls);
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
    pn_host_sum_make(survey, &w->rules, survey->hosts.asked, &facts_of(w)->hosts);
    w->any_falls = false;
    if (!is_first)
        falls_make(w);
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
