/*
 * Sorts the rules of each group, and keeps the first of those that have one key. Rules
 * are numbered in the order they were written.
 */
#include "compiler/space.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/vector.h"

static void
prefixes_finish(struct pn_space *space, struct pn_prefixes *list, uint8_t family)
{
    size_t kept = 0;

    if (!list->count)
        return;
    if (!pn_prefixes_sort(list, family))
        space->failed = true;
    if (space->keeps_equal)
        return;
    for (size_t i = 1; i < list->count; i++) {
        const struct pn_prefix *a = &list->items[kept], *b = &list->items[i];

        if (a->start != b->start || a->length != b->length ||
            a->is_address != b->is_address || a->rank_length != b->rank_length)
            list->items[++kept] = *b;
        else
            pn_duplicate_add(space, b->rule, a->rule);
    }
    list->count = kept + 1;
}

static int
compare_hosts(const void *left, const void *right)
{
    const struct pn_host *a = left, *b = right;

    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    return (a->rule > b->rule) - (a->rule < b->rule);
}

static void
hosts_finish(struct pn_space *space, struct pn_group *group)
{
    size_t kept = 0;

    if (!group->host_count)
        return;
    qsort(group->hosts, group->host_count, sizeof(*group->hosts), compare_hosts);
    if (space->keeps_equal)
        return;
    for (size_t i = 1; i < group->host_count; i++)
        if (group->hosts[i].name != group->hosts[kept].name)
            group->hosts[++kept] = group->hosts[i];
        else
            pn_duplicate_add(space, group->hosts[i].rule, group->hosts[kept].rule);
    group->host_count = kept + 1;
}

/* By what it means, then by rule: the numbers of keys are those of their texts. */
static int
compare_spelt(const void *left, const void *right)
{
    const struct pn_spelt *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->prefix.start != b->prefix.start)
        return a->prefix.start < b->prefix.start ? -1 : 1;
    if (a->prefix.length != b->prefix.length)
        return a->prefix.length < b->prefix.length ? -1 : 1;
    return (a->prefix.rule > b->prefix.rule) - (a->prefix.rule < b->prefix.rule);
}

static void
sort_spelt(struct pn_space *space, struct pn_group *group)
{
    size_t kept = 0;

    if (!group->spelt_count)
        return;
    qsort(group->spelt, group->spelt_count, sizeof(*group->spelt), compare_spelt);
    for (size_t i = 1; i < group->spelt_count; i++) {
        const struct pn_spelt *a = &group->spelt[kept], *b = &group->spelt[i];

        if (a->key != b->key || a->prefix.start != b->prefix.start ||
            a->prefix.length != b->prefix.length)
            group->spelt[++kept] = *b;
        else
            pn_duplicate_add(space, b->prefix.rule, a->prefix.rule);
    }
    group->spelt_count = kept + 1;
}

/* Sorts the blocks with patterns, and finds the zones that they distinguish. */
static void
spelt_finish(struct pn_space *space)
{
    pn_zones_begin(&space->zones);
    for (size_t i = 0; i < space->group_count; i++) {
        struct pn_group *g = &space->groups[i];

        sort_spelt(space, g);
        for (size_t k = 0; k < g->spelt_count; k++)
            pn_zones_cut(&space->zones, &g->spelt[k].zeros);
    }
}

void
pn_space_finish(struct pn_space *space)
{
    for (size_t i = 0; i < space->group_count; i++) {
        prefixes_finish(space, &space->groups[i].prefixes[PN_V4], 4);
        prefixes_finish(space, &space->groups[i].prefixes[PN_V6], 6);
        hosts_finish(space, &space->groups[i]);
    }
    spelt_finish(space);
}

const struct pn_prefixes *
pn_space_list(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
              struct pn_prefixes *own)
{
    const struct pn_group *g = &space->groups[group];
    const struct pn_prefixes *list = &g->prefixes[pn_family_index(family)];
    unsigned pattern;

    *own = (struct pn_prefixes){ 0 };
    if (family != 6 || !g->spelt_count)
        return list;
    own->items = pn_malloc((list->count + g->spelt_count) * sizeof(*own->items));
    if (!own->items) {
        space->failed = true;
        return own;
    }
    pattern = pn_zones_pattern(&space->zones, zone);
    for (; own->count < list->count; own->count++)
        own->items[own->count] = list->items[own->count];
    for (size_t i = 0; i < g->spelt_count; i++)
        if (pn_zeros_has(&g->spelt[i].zeros, pattern))
            own->items[own->count++] = g->spelt[i].prefix;
    qsort(own->items, own->count, sizeof(*own->items), pn_prefix_compare);
    return own;
}
