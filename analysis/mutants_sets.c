/* Counts what names each set. */
#include "analysis/mutants_sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/vector.h"

/* The use of a set's name, made when it is new; NULL without memory. */
static struct pn_set_use *
use_of(struct pn_set_uses *uses, struct pn_str name)
{
    size_t before = uses->names.count;
    uint32_t number;

    if (!pn_intern_add(&uses->names, name.ptr, name.len, &number) ||
        !pn_vector_reserve(&uses->items, &uses->capacity, uses->names.count,
                           sizeof(*uses->items))) {
        uses->failed = true;
        return NULL;
    }
    if (number == before)
        uses->items[number] = (struct pn_set_use){ { NULL, 0 }, 0, false };
    return &uses->items[number];
}

/* What the targets of a statement name, and those that it excepts. */
static void
targets_count(struct pn_set_uses *uses, const struct pn_tree *tree,
              struct pn_rule_node at)
{
    for (const struct pn_node *c = at.node->children.head; c; c = c->next) {
        struct pn_str word =
            pn_source_slice(tree->source, pn_tree_span(tree, c->range));
        const char *sign = word.len ? memchr(word.ptr, '$', word.len) : NULL;
        struct pn_set_use *use;

        if (c->kind == PN_NODE_EXCEPT)
            targets_count(uses, tree, (struct pn_rule_node){ c, at.file });
        if (c->kind != PN_NODE_TARGET || !sign)
            continue;
        use = use_of(uses, (struct pn_str){ sign + 1,
                                            word.len - (size_t)(sign + 1 - word.ptr) });
        if (!use)
            return;
        use->count++;
        use->is_other |= at.node->kind != PN_NODE_RULE || sign != word.ptr;
        use->rule = at;
    }
}

void
pn_set_uses_make(struct pn_set_uses *out, const struct pn_unit *unit)
{
    *out = (struct pn_set_uses){ 0 };
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct pn_tree *tree = &unit->files[i]->tree;

        for (const struct pn_node *n = tree->file ? tree->file->children.head : NULL; n;
             n = n->next)
            targets_count(out, tree, (struct pn_rule_node){ n, i });
    }
}

void
pn_set_uses_clear(struct pn_set_uses *uses)
{
    pn_intern_clear(&uses->names);
    pn_free(uses->items);
}

struct pn_rule_node
pn_set_user(const struct pn_set_uses *uses, const struct pn_unit *unit, uint32_t file,
            const struct pn_node *set)
{
    const struct pn_rule_node none = { NULL, 0 };
    struct pn_str name = pn_unit_text(unit, file, set);
    uint32_t number;

    if (!pn_intern_find(&uses->names, name.ptr, name.len, &number) ||
        uses->items[number].count != 1 || uses->items[number].is_other)
        return none;
    return uses->items[number].rule;
}

/* The same key in the table of the policy. */
static void
table_mark(struct pn_keys *keys, const struct pn_key *key)
{
    struct pn_key_table *table = &keys->table;
    struct pn_key *found = table->count ? bsearch(key, table->items, table->count,
                                                  sizeof(*key), pn_key_compare)
                                        : NULL;

    while (found && found > table->items && pn_key_compare(found - 1, key) == 0)
        found--;
    for (; found && found < table->items + table->count &&
           pn_key_compare(found, key) == 0;
         found++)
        found->is_twice |= found->prefix.rule == key->prefix.rule;
}

/* Of one part of a rule: what another one has said, too. */
static void
part_mark(struct pn_keys *keys, const struct pn_trial_case *c, bool *seen)
{
    struct pn_key_table part = pn_keys_of(keys, c->part);
    struct pn_key_table rule = pn_keys_of(keys, c->without);

    for (size_t i = 0; i < part.count && rule.count; i++) {
        struct pn_key *key = bsearch(&part.items[i], rule.items, rule.count,
                                     sizeof(*key), pn_key_compare);

        if (!key)
            continue;
        if (seen[key - keys->items]) {
            key->is_twice = true;
            table_mark(keys, key);
        }
        seen[key - keys->items] = true;
    }
}

bool
pn_parts_mark(struct pn_trial *trial, size_t mutants)
{
    struct pn_keys *keys = &trial->keys;
    bool *seen = pn_calloc(keys->firsts[trial->keyed.count] + 1, sizeof(*seen));
    uint32_t last = PN_RULE_NONE;

    for (size_t i = 0; seen && i < mutants; i++) {
        const struct pn_trial_case *c = &trial->cases[i];

        if (c->part != PN_RULE_NONE && c->part != last)
            part_mark(keys, c, seen);
        last = c->part != PN_RULE_NONE ? c->part : last;
    }
    pn_free(seen);
    return seen != NULL;
}
