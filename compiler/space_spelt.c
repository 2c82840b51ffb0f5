/* What classic keys mean that some addresses of a block ask for, and others do not. */
#include <stdlib.h>

#include "base/vector.h"
#include "compiler/space.h"

void
pn_space_add_spelt(struct pn_space *space, uint32_t group, struct pn_spelt spelt,
                   const char *key, size_t size)
{
    struct pn_group *g = &space->groups[group];

    if (pn_intern_add(&space->keys, key, size, &spelt.key) &&
        pn_vector_reserve(&g->spelt, &g->spelt_capacity, g->spelt_count + 1,
                          sizeof(*g->spelt)))
        g->spelt[g->spelt_count++] = spelt;
    else
        space->failed = true;
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

void
pn_space_finish_spelt(struct pn_space *space)
{
    pn_zones_begin(&space->zones);
    for (size_t i = 0; i < space->group_count; i++) {
        struct pn_group *g = &space->groups[i];

        sort_spelt(space, g);
        for (size_t k = 0; k < g->spelt_count; k++)
            pn_zones_cut(&space->zones, &g->spelt[k].zeros);
    }
}

const struct pn_prefixes *
pn_space_list(struct pn_space *space, uint32_t group, uint8_t family, unsigned zone,
              struct pn_prefixes *own)
{
    const struct pn_group *g = &space->groups[group];
    const struct pn_prefixes *list = family == 6 ? &g->v6 : &g->v4;
    unsigned pattern;

    *own = (struct pn_prefixes){ 0 };
    if (family != 6 || !g->spelt_count)
        return list;
    own->items = malloc((list->count + g->spelt_count) * sizeof(*own->items));
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

void
pn_prefixes_clear(struct pn_prefixes *list)
{
    free(list->items);
    *list = (struct pn_prefixes){ 0 };
}
