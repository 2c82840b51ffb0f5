/* Decides as postern-rules(5) says, step by step, by binary searches in the sorted
 * space. */
#include "analysis/decide.h"

#include "base/vector.h"

/* A better prefix among those of classic keys that match by spelling, or `best`. */
static const struct pn_prefix *
spelt_find(const struct pn_group *group, pn_number address, uint32_t without,
           const struct pn_prefix *best)
{
    unsigned pattern = pn_zeros_of(address);

    for (size_t i = 0; i < group->spelt_count; i++) {
        const struct pn_prefix *p = &group->spelt[i].prefix;

        if (p->start == (address & ~pn_host_mask(6, p->length)) && p->rule != without &&
            pn_zeros_has(&group->spelt[i].zeros, pattern) &&
            (!best || pn_prefix_outranks(p, best)))
            best = p;
    }
    return best;
}

static uint32_t
decide_address(const struct pn_group *group, uint8_t family, pn_number address,
               bool exact, uint32_t without)
{
    const struct pn_prefixes *list = &group->prefixes[pn_family_index(family)];
    const struct pn_prefix *best = NULL;
    unsigned bits = pn_family_bits(family);

    for (unsigned length = exact ? bits : 0; length <= bits && list->count; length++) {
        pn_number start = address & ~pn_host_mask(family, length);
        size_t at = pn_prefixes_place(list, start, length);

        for (; at < list->count && list->items[at].start == start &&
               list->items[at].length == length;
             at++) {
            const struct pn_prefix *p = &list->items[at];

            if (p->is_address == exact && p->rule != without &&
                (!best || pn_prefix_outranks(p, best)))
                best = p;
        }
    }
    if (!exact && family == 6)
        best = spelt_find(group, address, without, best);
    return best ? best->rule : PN_RULE_NONE;
}

/* A pn_compare_fn: a name's number and a host. */
static int
compare_name(const void *key, const void *item)
{
    const uint32_t *name = key;
    const struct pn_host *host = item;

    return (*name > host->name) - (*name < host->name);
}

static uint32_t
decide_name(const struct pn_space *space, const struct pn_group *group,
            struct pn_str name, uint32_t without)
{
    const struct pn_host *host;
    uint32_t number;
    size_t at;

    if (!pn_intern_find(&space->names, name.ptr, name.len, &number))
        return PN_RULE_NONE;
    at = pn_lower_bound(&number, group->hosts, group->host_count, sizeof(*group->hosts),
                        compare_name);
    if (at == group->host_count)
        return PN_RULE_NONE;
    host = &group->hosts[at];
    return host->name == number && host->rule != without ? host->rule : PN_RULE_NONE;
}

static uint32_t
decide_suffix(const struct pn_space *space, const struct pn_group *group,
              struct pn_str host, uint32_t without)
{
    uint32_t found = PN_RULE_NONE;

    for (size_t i = 0; i + 1 < host.len && found == PN_RULE_NONE; i++)
        if (host.ptr[i] == '.')
            found = decide_name(space, group,
                                (struct pn_str){ host.ptr + i, host.len - i }, without);
    return found;
}

/* One query. */
struct question {
    const struct pn_space *space;
    uint8_t family;
    pn_number address;
    struct pn_str host;
    uint32_t without;
};

static uint32_t
decide_group(const struct question *q, size_t number)
{
    const struct pn_group *group = &q->space->groups[number];
    uint32_t found = decide_address(group, q->family, q->address, true, q->without);

    if (found == PN_RULE_NONE && q->host.ptr)
        found = decide_name(q->space, group, q->host, q->without);
    if (found == PN_RULE_NONE)
        found = decide_address(group, q->family, q->address, false, q->without);
    if (found == PN_RULE_NONE && q->host.ptr)
        found = decide_suffix(q->space, group, q->host, q->without);
    if (found == PN_RULE_NONE && q->host.ptr && group->any_host != q->without)
        found = group->any_host;
    if (found == PN_RULE_NONE && group->fallback != q->without)
        found = group->fallback;
    return found;
}

uint32_t
pn_space_decide_without(const struct pn_space *space, uint8_t family, pn_number address,
                        struct pn_str host, struct pn_str ident, uint32_t without)
{
    struct question q = { space, family, address, host, without };
    uint32_t found = decide_group(&q, PN_GROUP_BLOCKS), number;

    if (found == PN_RULE_NONE && ident.ptr &&
        pn_intern_find(&space->idents, ident.ptr, ident.len, &number))
        found = decide_group(&q, PN_NATIVE_FIRST_GROUPS + number);
    return found == PN_RULE_NONE ? decide_group(&q, PN_GROUP_NO_IDENT) : found;
}

uint32_t
pn_space_decide(const struct pn_space *space, uint8_t family, pn_number address,
                struct pn_str host, struct pn_str ident)
{
    return pn_space_decide_without(space, family, address, host, ident, PN_RULE_NONE);
}

uint32_t
pn_space_decide_name(const struct pn_space *space, uint32_t group, struct pn_str name)
{
    const struct pn_group *g = &space->groups[group];
    uint32_t found = decide_name(space, g, name, PN_RULE_NONE);

    if (found == PN_RULE_NONE)
        found = decide_suffix(space, g, name, PN_RULE_NONE);
    return found == PN_RULE_NONE ? g->any_host : found;
}

uint32_t
pn_space_rule_of_name(const struct pn_space *space, uint32_t group, struct pn_str name)
{
    return decide_name(space, &space->groups[group], name, PN_RULE_NONE);
}
