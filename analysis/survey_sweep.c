/* One sweep over the addresses of the current group, family by family. */
#include "analysis/survey_sweep.h"

#include "analysis/survey_sums.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/unicast.h"

enum { AHEAD = 16 }; /* entries, of which the infos are fetched early */

static struct pn_group_info *
info_of_group(const struct pn_survey_work *w)
{
    return &w->survey->groups[w->group];
}

static void
map_add(struct pn_survey_work *w, const struct pn_sweep_interval *s, uint32_t exact,
        uint32_t prefix)
{
    struct pn_interval_map *map = pn_survey_map(w, w->group, s);
    const struct pn_interval_map_entry entry = { s->first, exact, prefix };

    w->survey->failed |=
        !pn_vector_add(&map->items, &map->count, &map->capacity, &entry, sizeof(entry));
}

/* Takes a better witness of an interval: a global address is best, else the first. */
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
    witness->item = PN_RULE_NONE;
}

/* Adds the successors of an entry on an interval, where `next` is the prefix that
 * comes after it. */
static void
entry_successors(const struct pn_survey_work *w, const struct pn_prefix *next,
                 const struct pn_sweep_interval *s, uint32_t class,
                 struct pn_successors *successors)
{
    if (next) {
        pn_successors_add(w->survey, successors, next->rule);
        return;
    }
    pn_successors_join(successors, &info_of_group(w)->hosts.wide);
    if (w->any_fallthrough)
        pn_survey_fallthrough(w, s, class, successors);
}

/* Is it an entry of the list that is swept? Classic keys that match by spelling are in
 * a list of their own. */
static bool
is_listed(const struct pn_survey_work *w, const struct pn_prefix *entry)
{
    return (uintptr_t)entry >= (uintptr_t)w->entries &&
           (uintptr_t)entry < (uintptr_t)w->entries_end;
}

/* Marks an element as needed when something would change without it alone. */
static void
element_mark(struct pn_survey_work *w, const struct pn_sweep_interval *s,
             const struct pn_prefix *entry)
{
    struct pn_successors successors = pn_successors_none();
    uint32_t class = pn_survey_class(w->survey, entry->rule);
    uint8_t *mark;

    if (!is_listed(w, entry))
        return; /* of a classic key, which has no parts */
    mark = &w->marks[entry - w->entries];
    if (*mark & PN_MARK_NEEDED)
        return;
    entry_successors(w, pn_sweep_interval_prefix(s, entry, PN_RULE_NONE), s, class,
                     &successors);
    if (entry->is_address)
        pn_successors_join(&successors, &info_of_group(w)->hosts.exact);
    if (pn_class_merge_changes(successors.class, class))
        *mark |= PN_MARK_NEEDED;
}

/* Entries are in the order of addresses, infos in that of the file: each would be a
 * cache miss. With a million rules in random order this saves an eighth of the time. */
static void
fetch_ahead(const struct pn_survey_work *w, const struct pn_prefix *entry)
{
    if (is_listed(w, entry) && w->entries_end - entry > AHEAD)
        __builtin_prefetch(&w->survey->infos[entry[AHEAD].rule], 1);
}

/* Records that an entry decides an interval. */
static void
entry_decides(struct pn_survey_work *w, const struct pn_sweep_interval *s,
              const struct pn_prefix *entry)
{
    static const uint16_t lives[PN_FAMILIES] = { PN_ITEM_LIVES4, PN_ITEM_LIVES6 };
    struct pn_item_info *info = &w->survey->infos[entry->rule];
    const struct pn_prefix *next = pn_sweep_interval_prefix(s, NULL, entry->rule);

    fetch_ahead(w, entry);
    info->decided += pn_sweep_interval_count(s, s->first, s->last);
    info->flags |= lives[pn_family_index(s->family)];
    info->flags |= entry->is_address ? PN_ITEM_EXACT : PN_ITEM_PREFIX;
    pn_witness_take(&info->witness, s, s->first, s->last, entry->rule);
    if (!next)
        info->flags |= PN_ITEM_NOT_PREFIX;
    if (!pn_item_is_mixed(info))
        entry_successors(w, next, s, pn_survey_class(w->survey, entry->rule),
                         &info->successors);
    if (info->collection != PN_RULE_NONE)
        element_mark(w, s, entry);
}

/* Records in the group's info that a prefix decides an interval. */
static void
prefix_count(struct pn_survey_work *w, struct pn_family_info *ff,
             const struct pn_sweep_interval *s, uint32_t item)
{
    bool allow = w->survey->infos[item].flags & PN_ITEM_ALLOWS;
    struct pn_witness *other = &ff->prefixes[1];

    if (!allow)
        ff->summary.denied += pn_sweep_interval_count(s, s->first, s->last);
    pn_witness_take(allow ? &ff->allowance : &ff->summary.denial, s, s->first, s->last,
                    item);
    pn_witness_take(&ff->prefixes[0], s, s->first, s->last, item);
    if (!other->family && pn_survey_class(w->survey, ff->prefixes[0].item) !=
                              pn_survey_class(w->survey, item))
        pn_witness_take(other, s, s->first, s->last, item);
}

/* An interval that no block decides. */
static void
open_take(struct pn_survey_work *w, const struct pn_sweep_interval *s,
          const struct pn_prefix *exact, const struct pn_prefix *prefix)
{
    struct pn_family_info *ff = &info_of_group(w)->families[s->family == 6];

    if (w->group == PN_GROUP_NO_IDENT) {
        w->open[s->family == 6] += pn_sweep_interval_count(s, s->first, s->last);
        witness_prefer(&w->open_witness[s->family == 6], s);
    }
    pn_range_summary_add(w->survey, &ff->summary, exact ? exact->rule : PN_RULE_NONE,
                         prefix ? prefix->rule : PN_RULE_NONE);
    if (exact) {
        entry_decides(w, s, exact);
    } else if (prefix) {
        prefix_count(w, ff, s, prefix->rule);
        entry_decides(w, s, prefix);
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
              pn_sweep_interval_prefix(s, NULL, PN_RULE_NONE));
}

static void
map_interval(void *payload, const struct pn_sweep_interval *s)
{
    const struct pn_prefix *exact = pn_sweep_interval_exact(s);
    const struct pn_prefix *prefix = pn_sweep_interval_prefix(s, NULL, PN_RULE_NONE);

    map_add(payload, s, exact ? exact->rule : PN_RULE_NONE,
            prefix ? prefix->rule : PN_RULE_NONE);
}

/* Counts the elements of collections, and lists those that are not needed. */
static void
marks_count(struct pn_survey_work *w, const struct pn_prefixes *list, uint8_t family)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct pn_item_info *info = &w->survey->infos[list->items[i].rule];
        struct pn_redundant_element element;
        struct pn_collection *collection;

        if (info->collection == PN_RULE_NONE)
            continue;
        collection = &w->survey->collections[info->collection];
        collection->count++;
        if (w->marks[i] & PN_MARK_NEEDED)
            continue;
        collection->redundant++;
        element = (struct pn_redundant_element){ list->items[i].rule,
                                                 (uint32_t)i & INT32_MAX, family == 6 };
        w->survey->failed |=
            !pn_vector_add(&w->survey->redundant, &w->survey->redundant_count,
                           &w->survey->redundant_capacity, &element, sizeof(element));
    }
}

/* A family without addresses in the group is all gap. */
static void
gap_whole(struct pn_survey_work *w, uint8_t family)
{
    size_t f = family == 6;
    struct pn_family_info *ff = &info_of_group(w)->families[f];

    if (!w->open[f])
        return;
    ff->gap = w->open[f];
    ff->gap_witness = w->open_witness[f];
    pn_range_summary_add(w->survey, &ff->summary, PN_RULE_NONE, PN_RULE_NONE);
    ff->under_gap = w->survey->groups[PN_GROUP_NO_IDENT].families[f].summary;
}

void
pn_survey_sweep(struct pn_survey_work *w, uint8_t family)
{
    const struct pn_intervals *covers = pn_survey_covers(w->survey, w->group, family);
    const struct pn_group *g = &w->survey->policy->space.groups[w->group];
    const struct pn_prefixes *list = &g->prefixes[pn_family_index(family)];

    if (!list->count && w->group > PN_GROUP_NO_IDENT) {
        gap_whole(w, family);
        return;
    }
    w->entries = list->items;
    w->entries_end = list->count ? list->items + list->count : NULL;
    w->marks = pn_calloc(list->count + 1, 1);
    if (!w->marks ||
        (w->keep_maps && !pn_sweep_group(&w->survey->policy->space, w->group, family,
                                         NULL, map_interval, w)) ||
        !pn_sweep_group(&w->survey->policy->space, w->group, family, covers,
                        open_interval, w))
        w->survey->failed = true;
    else
        marks_count(w, list, family);
    pn_free(w->marks);
    w->marks = NULL;
}
