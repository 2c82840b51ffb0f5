/* The ladder over tables of keys, with one rule in the place of another. */
#include "analysis/mutants_keys.h"

#include <stdlib.h>

#include "base/vector.h"

static const struct pn_swap no_swap = PN_SWAP_NONE;

/* The keys of an address, or of a name. */
struct place {
    uint32_t group, kind;
    pn_number at;
};

/* What a table says of a place: the rules, and where they stand in the policy. */
struct winner {
    struct pn_prefix prefix; /* its rule is the place in the policy */
    uint32_t rule;           /* PN_RULE_NONE: there is none */
};

static int
behind_place(const void *key, const void *item)
{
    const struct place *p = key;
    const struct pn_key *k = item;

    if (p->group != k->group)
        return p->group > k->group ? 1 : -1;
    if (p->kind != k->kind)
        return p->kind > k->kind ? 1 : -1;
    return p->at >= k->prefix.start ? 1 : -1;
}

/* The number of keys up to a place. */
static size_t
count_up_to(const struct pn_key_table *table, const struct place *place)
{
    return pn_lower_bound(place, table->items, table->count, sizeof(*table->items),
                          behind_place);
}

static bool
is_of(const struct pn_key *key, const struct place *place)
{
    return key->group == place->group && key->kind == place->kind;
}

/* Is a key of the old rule gone? */
static bool
is_gone(const struct pn_keys *keys, const struct pn_swap *swap,
        const struct pn_key *key)
{
    struct pn_key_table part;

    if (swap->part == PN_RULE_NONE)
        return true;
    part = pn_keys_of(keys, swap->part);
    return !key->is_twice && part.count &&
           bsearch(key, part.items, part.count, sizeof(*key), pn_key_compare);
}

/* The rule that a key of a table stands for; PN_RULE_NONE when it is gone. */
static uint32_t
rule_of(const struct pn_keys *keys, const struct pn_swap *swap,
        const struct pn_key *key)
{
    if (key->prefix.rule != swap->without)
        return key->prefix.rule;
    if (swap->same_keys)
        return swap->with;
    return is_gone(keys, swap, key) ? PN_RULE_NONE : key->prefix.rule;
}

/* The rules of the new keys stand where the old rule did. */
static void
winner_take(const struct pn_keys *keys, const struct pn_swap *swap,
            const struct pn_key *key, struct winner *out)
{
    struct winner mine = { key->prefix, rule_of(keys, swap, key) };

    if (mine.rule == PN_RULE_NONE)
        return;
    if (mine.rule == swap->with)
        mine.prefix.rule = swap->without;
    if (out->rule == PN_RULE_NONE || pn_prefix_outranks(&mine.prefix, &out->prefix))
        *out = mine;
}

/* The exact address and the prefix that count, of one table. */
static void
address_look(const struct pn_keys *keys, const struct pn_key_table *table,
             const struct pn_swap *swap, const struct place *place,
             struct winner out[2])
{
    size_t count = count_up_to(table, place);
    uint32_t at = count && is_of(&table->items[count - 1], place) ? (uint32_t)count - 1
                                                                  : PN_RULE_NONE;

    for (; at != PN_RULE_NONE; at = table->items[at].parent) {
        const struct pn_key *key = &table->items[at];

        if (pn_prefix_last(&key->prefix, pn_family_at(key->kind)) >= place->at)
            winner_take(keys, swap, key, &out[!key->prefix.is_address]);
    }
}

static void
name_look(const struct pn_keys *keys, const struct pn_key_table *table,
          const struct pn_swap *swap, const struct place *place, struct winner *out)
{
    for (size_t at = count_up_to(table, place);
         at && is_of(&table->items[at - 1], place) &&
         table->items[at - 1].prefix.start == place->at;
         at--)
        winner_take(keys, swap, &table->items[at - 1], out);
}

/* What the policy with the swap has for a name in a group. */
static uint32_t
name_find(const struct pn_keys *keys, const struct pn_swap *swap, uint32_t group,
          uint32_t name)
{
    const struct place place = { group, PN_KEY_NAME, name };
    struct winner out = { .rule = PN_RULE_NONE };

    name_look(keys, &keys->table, swap, &place, &out);
    if (swap->with != PN_RULE_NONE && !swap->same_keys) {
        struct pn_key_table mine = pn_keys_of(keys, swap->with);

        name_look(keys, &mine, swap, &place, &out);
    }
    return out.rule;
}

static uint32_t
suffix_find(const struct pn_keys *keys, const struct pn_swap *swap, uint32_t group,
            const struct pn_named *host)
{
    uint32_t rule = PN_RULE_NONE;

    for (size_t i = 0; i < host->count && rule == PN_RULE_NONE; i++)
        rule = name_find(keys, swap, group, host->suffixes[i]);
    return rule;
}

/* The steps of a group, in their order; false when none of its rules decides. */
static bool
group_decide(const struct pn_keys *keys, const struct pn_swap *swap, uint32_t group,
             const struct pn_probe *probe, struct pn_found *out)
{
    const struct place place = { group, pn_family_index(probe->family),
                                 probe->address };
    struct winner found[2] = { { .rule = PN_RULE_NONE }, { .rule = PN_RULE_NONE } };

    address_look(keys, &keys->table, swap, &place, found);
    if (swap->with != PN_RULE_NONE && !swap->same_keys) {
        struct pn_key_table mine = pn_keys_of(keys, swap->with);

        address_look(keys, &mine, swap, &place, found);
    }
    *out = (struct pn_found){ found[0].rule, group, PN_FOUND_ADDRESS };
    if (out->rule != PN_RULE_NONE)
        return true;
    out->by = PN_FOUND_OTHER;
    if (probe->host && probe->host->exact != PN_RULE_NONE)
        out->rule = name_find(keys, swap, group, probe->host->exact);
    if (out->rule == PN_RULE_NONE && found[1].rule != PN_RULE_NONE)
        *out = (struct pn_found){ found[1].rule, group, PN_FOUND_PREFIX };
    if (out->rule == PN_RULE_NONE && probe->host)
        out->rule = suffix_find(keys, swap, group, probe->host);
    if (out->rule == PN_RULE_NONE && probe->host)
        out->rule = name_find(keys, swap, group, PN_NAME_ANY);
    if (out->rule == PN_RULE_NONE)
        out->rule = name_find(keys, swap, group, PN_NAME_ABSENT);
    return out->rule != PN_RULE_NONE;
}

struct pn_found
pn_keys_decide(const struct pn_keys *keys, const struct pn_swap *swap,
               const struct pn_probe *probe)
{
    struct pn_found found;

    if (group_decide(keys, swap, PN_GROUP_BLOCKS, probe, &found) ||
        (probe->group != PN_GROUP_NO_IDENT &&
         group_decide(keys, swap, probe->group, probe, &found)) ||
        group_decide(keys, swap, PN_GROUP_NO_IDENT, probe, &found))
        return found;
    return (struct pn_found){ keys->implied, PN_GROUP_NO_IDENT, PN_FOUND_OTHER };
}

void
pn_keys_address(const struct pn_keys *keys, uint32_t group,
                const struct pn_probe *probe, uint32_t out[2])
{
    const struct place place = { group, pn_family_index(probe->family),
                                 probe->address };
    struct winner found[2] = { { .rule = PN_RULE_NONE }, { .rule = PN_RULE_NONE } };

    address_look(keys, &keys->table, &no_swap, &place, found);
    out[0] = found[0].rule;
    out[1] = found[1].rule;
}

void
pn_keys_host(const struct pn_keys *keys, uint32_t group, const struct pn_named *host,
             uint32_t out[2])
{
    out[0] = host->exact == PN_RULE_NONE
                 ? PN_RULE_NONE
                 : name_find(keys, &no_swap, group, host->exact);
    out[1] = suffix_find(keys, &no_swap, group, host);
}

/* Up to where a table says the same as at a place. */
static pn_number
table_reach(const struct pn_key_table *table, const struct place *place, pn_number last)
{
    size_t count = count_up_to(table, place);
    uint32_t at = count && is_of(&table->items[count - 1], place) ? (uint32_t)count - 1
                                                                  : PN_RULE_NONE;

    if (count < table->count && is_of(&table->items[count], place) &&
        table->items[count].prefix.start <= last)
        last = table->items[count].prefix.start - 1;
    for (; at != PN_RULE_NONE; at = table->items[at].parent) {
        pn_number end =
            pn_prefix_last(&table->items[at].prefix, pn_family_at(place->kind));

        if (end >= place->at)
            return end < last ? end : last; /* the innermost: others reach farther */
    }
    return last;
}

pn_number
pn_keys_reach(const struct pn_keys *keys, const struct pn_swap *swap,
              const struct pn_probe *probe, pn_number last)
{
    const uint32_t groups[] = { PN_GROUP_BLOCKS, PN_GROUP_NO_IDENT, probe->group };

    for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
        const struct place place = { groups[i], pn_family_index(probe->family),
                                     probe->address };

        last = table_reach(&keys->table, &place, last);
        if (swap->with != PN_RULE_NONE && !swap->same_keys) {
            struct pn_key_table mine = pn_keys_of(keys, swap->with);

            last = table_reach(&mine, &place, last);
        }
    }
    return last;
}

bool
pn_keys_lack_default(const struct pn_keys *keys, const struct pn_swap *swap)
{
    return keys->implied == PN_RULE_NONE &&
           name_find(keys, swap, PN_GROUP_NO_IDENT, PN_NAME_ABSENT) == PN_RULE_NONE;
}
