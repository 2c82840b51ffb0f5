/* Rules are added to the groups of a space as they come. */
#include "compiler/space.h"

#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

static struct pn_group *
group_add(struct pn_space *space)
{
    struct pn_group *group;

    if (!pn_vector_reserve(&space->groups, &space->group_capacity,
                           space->group_count + 1, sizeof(*space->groups))) {
        space->failed = true;
        return NULL;
    }
    group = &space->groups[space->group_count++];
    *group = (struct pn_group){ .any_host = PN_RULE_NONE, .fallback = PN_RULE_NONE };
    return group;
}

void
pn_space_begin(struct pn_space *space)
{
    *space = (struct pn_space){ .zones = { .count = 1 } };
    for (int i = 0; i < PN_NATIVE_FIRST_GROUPS; i++)
        group_add(space);
}

void
pn_space_clear(struct pn_space *space)
{
    for (size_t i = 0; i < space->group_count; i++) {
        pn_free(space->groups[i].prefixes[PN_V4].items);
        pn_free(space->groups[i].prefixes[PN_V6].items);
        pn_free(space->groups[i].spelt);
        pn_free(space->groups[i].hosts);
    }
    pn_free(space->groups);
    pn_free(space->duplicates);
    pn_intern_clear(&space->names);
    pn_intern_clear(&space->idents);
    pn_intern_clear(&space->keys);
    *space = (struct pn_space){ 0 };
}

uint32_t
pn_space_group(struct pn_space *space, const char *ident, size_t size)
{
    uint32_t number = 0;

    if (!pn_intern_add(&space->idents, ident, size, &number))
        space->failed = true;
    else if (number + PN_NATIVE_FIRST_GROUPS == space->group_count)
        group_add(space);
    return space->failed ? PN_GROUP_NO_IDENT : number + PN_NATIVE_FIRST_GROUPS;
}

void
pn_duplicate_add(struct pn_space *space, uint32_t rule, uint32_t first)
{
    if (pn_vector_reserve(&space->duplicates, &space->duplicate_capacity,
                          space->duplicate_count + 1, sizeof(*space->duplicates)))
        space->duplicates[space->duplicate_count++] =
            (struct pn_duplicate){ rule, first };
    else
        space->failed = true;
}

/* pn_vector_reserve() doubles; this gives what is asked for. */
static bool
prefixes_reserve(struct pn_prefixes *list, size_t more)
{
    struct pn_prefix *items;

    if (list->capacity - list->count >= more)
        return true;
    items = pn_realloc(list->items, (list->count + more) * sizeof(*items));
    if (!items)
        return false;
    list->items = items;
    list->capacity = list->count + more;
    return true;
}

bool
pn_space_reserve(struct pn_space *space, uint32_t group, size_t v4, size_t v6)
{
    struct pn_group *g = &space->groups[group];

    space->failed |= !prefixes_reserve(&g->prefixes[PN_V4], v4) ||
                     !prefixes_reserve(&g->prefixes[PN_V6], v6);
    return !space->failed;
}

void
pn_space_add_prefix(struct pn_space *space, uint32_t group, uint8_t family,
                    struct pn_prefix prefix)
{
    struct pn_group *g = &space->groups[group];
    struct pn_prefixes *list = &g->prefixes[pn_family_index(family)];

    if (pn_vector_reserve(&list->items, &list->capacity, list->count + 1,
                          sizeof(*list->items)))
        list->items[list->count++] = prefix;
    else
        space->failed = true;
}

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

void
pn_space_add_host(struct pn_space *space, uint32_t group, uint32_t name, uint32_t rule)
{
    struct pn_group *g = &space->groups[group];

    if (name == PN_NAME_ANY && !space->keeps_equal) {
        if (g->any_host == PN_RULE_NONE)
            g->any_host = rule;
        else
            pn_duplicate_add(space, rule, g->any_host);
    } else if (pn_vector_reserve(&g->hosts, &g->host_capacity, g->host_count + 1,
                                 sizeof(*g->hosts))) {
        g->hosts[g->host_count++] = (struct pn_host){ name, rule };
    } else {
        space->failed = true;
    }
}

void
pn_space_add_fallback(struct pn_space *space, uint32_t group, uint32_t rule)
{
    if (space->keeps_equal)
        pn_space_add_host(space, group, PN_NAME_ABSENT, rule);
    if (space->groups[group].fallback == PN_RULE_NONE)
        space->groups[group].fallback = rule;
    else
        pn_duplicate_add(space, rule, space->groups[group].fallback);
}
