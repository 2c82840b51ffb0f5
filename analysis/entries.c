/* A counting sort by item. */
#include "analysis/entries.h"

#include "base/memory.h"

static void
count(struct pn_entries *entries, const struct pn_prefixes *list)
{
    for (size_t i = 0; i < list->count; i++)
        entries->firsts[list->items[i].rule + 1]++;
}

static void
place(struct pn_entries *entries, size_t *next, const struct pn_prefixes *list,
      uint8_t family)
{
    for (size_t i = 0; i < list->count; i++)
        entries->items[next[list->items[i].rule]++] =
            (struct pn_entry_at){ (uint32_t)i, family, false };
}

static void
place_spelt(struct pn_entries *entries, size_t *next, const struct pn_group *group)
{
    for (size_t i = 0; i < group->spelt_count; i++)
        entries->items[next[group->spelt[i].prefix.rule]++] =
            (struct pn_entry_at){ (uint32_t)i, 6, true };
}

/* Turns counts into the places where each item begins, with one more at the end. */
static void
sum_up(size_t *firsts, size_t *next, size_t item_count)
{
    for (size_t t = 0; t < item_count; t++) {
        firsts[t + 1] += firsts[t];
        next[t] = firsts[t];
    }
}

static bool
entries_make(struct pn_entries *entries, const struct pn_space *space, size_t *next,
             size_t item_count)
{
    for (size_t i = 0; i < space->group_count; i++) {
        count(entries, &space->groups[i].prefixes[PN_V4]);
        count(entries, &space->groups[i].prefixes[PN_V6]);
        for (size_t k = 0; k < space->groups[i].spelt_count; k++)
            entries->firsts[space->groups[i].spelt[k].prefix.rule + 1]++;
    }
    sum_up(entries->firsts, next, item_count);
    entries->items =
        pn_malloc((entries->firsts[item_count] + 1) * sizeof(*entries->items));
    for (size_t i = 0; i < space->group_count && entries->items; i++) {
        place(entries, next, &space->groups[i].prefixes[PN_V4], 4);
        place(entries, next, &space->groups[i].prefixes[PN_V6], 6);
        place_spelt(entries, next, &space->groups[i]);
    }
    return entries->items != NULL;
}

static bool
names_make(struct pn_entries *entries, const struct pn_space *space, size_t *next,
           size_t item_count)
{
    for (size_t i = 0; i < space->group_count; i++)
        for (size_t k = 0; k < space->groups[i].host_count; k++)
            entries->name_firsts[space->groups[i].hosts[k].rule + 1]++;
    sum_up(entries->name_firsts, next, item_count);
    entries->names =
        pn_malloc((entries->name_firsts[item_count] + 1) * sizeof(*entries->names));
    for (size_t i = 0; i < space->group_count && entries->names; i++)
        for (size_t k = 0; k < space->groups[i].host_count; k++) {
            const struct pn_host *host = &space->groups[i].hosts[k];

            entries->names[next[host->rule]++] = host->name;
        }
    return entries->names != NULL;
}

bool
pn_entries_make(struct pn_entries *entries, const struct pn_space *space,
                size_t item_count)
{
    size_t *next = pn_malloc((item_count + 1) * sizeof(*next));
    bool good;

    *entries = (struct pn_entries){ 0 };
    entries->firsts = pn_calloc(item_count + 2, sizeof(*entries->firsts));
    entries->name_firsts = pn_calloc(item_count + 2, sizeof(*entries->name_firsts));
    good = next && entries->firsts && entries->name_firsts &&
           entries_make(entries, space, next, item_count) &&
           names_make(entries, space, next, item_count);
    pn_free(next);
    return good;
}

void
pn_entries_clear(struct pn_entries *entries)
{
    pn_free(entries->firsts);
    pn_free(entries->items);
    pn_free(entries->name_firsts);
    pn_free(entries->names);
    *entries = (struct pn_entries){ 0 };
}
