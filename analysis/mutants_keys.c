/* The keys of a space as one table, and as one for each rule. */
#include "analysis/mutants_keys.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/vector.h"

/* All keys, in the order of a table. */
struct gathering {
    struct pn_key *items;
    size_t count, capacity;
    bool failed;
};

int
pn_key_compare(const void *left, const void *right)
{
    const struct pn_key *a = left, *b = right;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->prefix.start != b->prefix.start)
        return a->prefix.start < b->prefix.start ? -1 : 1;
    if (a->prefix.length != b->prefix.length)
        return a->prefix.length < b->prefix.length ? -1 : 1;
    if (a->prefix.is_address != b->prefix.is_address)
        return a->prefix.is_address ? 1 : -1;
    return (a->prefix.rank_length > b->prefix.rank_length) -
           (a->prefix.rank_length < b->prefix.rank_length);
}

static void
key_gather(struct gathering *g, const struct pn_key *key)
{
    struct pn_key *last = g->count ? &g->items[g->count - 1] : NULL;

    if (last && last->prefix.rule == key->prefix.rule &&
        pn_key_compare(last, key) == 0) {
        last->is_twice = true;
        return;
    }
    if (!g->failed &&
        !pn_vector_add(&g->items, &g->count, &g->capacity, key, sizeof(*key)))
        g->failed = true;
}

static void
group_gather(struct gathering *g, const struct pn_space *space, uint32_t number)
{
    const struct pn_group *group = &space->groups[number];

    for (uint32_t kind = PN_KEY_V4; kind <= PN_KEY_V6; kind++)
        for (size_t i = 0; i < group->prefixes[kind].count; i++)
            key_gather(g, &(struct pn_key){ .group = number,
                                            .kind = kind,
                                            .prefix = group->prefixes[kind].items[i] });
    for (size_t i = 0; i < group->host_count; i++)
        key_gather(g, &(struct pn_key){ .group = number,
                                        .kind = PN_KEY_NAME,
                                        .prefix = { .start = group->hosts[i].name,
                                                    .rule = group->hosts[i].rule } });
}

/* Of each rule behind one another: a counting sort, which keeps the order. */
static void
rules_part(struct pn_keys *keys, const struct gathering *g, uint32_t count)
{
    keys->firsts = pn_calloc((size_t)count + 2, sizeof(*keys->firsts));
    keys->items = pn_malloc((g->count + 1) * sizeof(*keys->items));
    if (!keys->firsts || !keys->items) {
        keys->failed = true;
        return;
    }
    for (size_t i = 0; i < g->count; i++)
        keys->firsts[g->items[i].prefix.rule + 2]++;
    for (size_t i = 2; i < (size_t)count + 2; i++)
        keys->firsts[i] += keys->firsts[i - 1];
    for (size_t i = 0; i < g->count; i++)
        keys->items[keys->firsts[g->items[i].prefix.rule + 1]++] = g->items[i];
}

/* Those of the policy itself: when one rule is gone, the next one counts. */
static void
table_part(struct pn_keys *keys, struct gathering *g)
{
    size_t kept = 0, equal = 0;

    for (size_t i = 0; i < g->count; i++) {
        const struct pn_key *key = &g->items[i];
        bool is_same = kept && pn_key_compare(&g->items[kept - 1], key) == 0;

        if (key->prefix.rule >= keys->base)
            continue;
        equal = is_same ? equal + 1 : 0;
        if (equal > 1)
            continue;
        if (key->group >= keys->base_groups)
            keys->base_groups = key->group + 1;
        if (key->kind == PN_KEY_NAME && key->prefix.start < PN_NAME_ABSENT &&
            key->prefix.start >= keys->base_names)
            keys->base_names = (uint32_t)key->prefix.start + 1;
        g->items[kept++] = *key;
    }
    keys->table = (struct pn_key_table){ g->items, kept };
}

static bool
holds(const struct pn_key *outer, const struct pn_key *inner)
{
    return outer->group == inner->group && outer->kind == inner->kind &&
           pn_prefix_last(&outer->prefix, pn_family_at(outer->kind)) >=
               inner->prefix.start;
}

/* Prefixes are nested or disjoint: what is around one is the one before it, or around
 * that one. */
static void
parents_find(struct pn_key_table table)
{
    for (size_t i = 0; i < table.count; i++) {
        struct pn_key *key = &table.items[i];
        uint32_t at = i && key->kind != PN_KEY_NAME ? (uint32_t)i - 1 : PN_RULE_NONE;

        while (at != PN_RULE_NONE && !holds(&table.items[at], key))
            at =
                table.items[at].group == key->group && table.items[at].kind == key->kind
                    ? table.items[at].parent
                    : PN_RULE_NONE;
        key->parent = at;
    }
}

void
pn_keys_make(struct pn_keys *out, struct pn_space *space, uint32_t base, uint32_t count)
{
    struct gathering g = { 0 };

    *out = (struct pn_keys){ .space = space,
                             .base = base,
                             .implied = PN_RULE_NONE,
                             .base_groups = PN_NATIVE_FIRST_GROUPS };
    for (uint32_t i = 0; i < space->group_count; i++)
        group_gather(&g, space, i);
    out->failed = g.failed || space->failed;
    if (!out->failed)
        rules_part(out, &g, count);
    table_part(out, &g);
    if (out->failed)
        return;
    parents_find(out->table);
    for (uint32_t i = 0; i < count; i++)
        parents_find(pn_keys_of(out, i));
}

void
pn_keys_clear(struct pn_keys *keys)
{
    pn_free(keys->table.items);
    pn_free(keys->items);
    pn_free(keys->firsts);
    *keys = (struct pn_keys){ 0 };
}
