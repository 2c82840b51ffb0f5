/*
 * Cuts all addresses into intervals on which the rules of an ident and those without
 * ident are the same, and keeps one of each kind. Idents without addresses share the
 * map of the rules without ident.
 */
#include <string.h>

#include "analysis/lint/grants_maps.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/unicast.h"

enum { INTERVAL_STEPS = 4 }; /* of struct pn_work, for one interval */

static uint32_t
rule_of(const struct pn_sweep_interval *s, bool exact)
{
    const struct pn_prefix *p = exact ? pn_sweep_interval_exact(s)
                                      : pn_sweep_interval_prefix(s, NULL, PN_RULE_NONE);

    return p ? p->rule : PN_RULE_NONE;
}

static void
map_add(struct pn_grants *w, struct pn_grant_map map, const struct pn_sweep_interval *s,
        pn_number first, pn_number last)
{
    struct pn_grant_maps *maps = w->maps;
    uint32_t key[] = { map.group_exact, map.group_prefix,
                       pn_grant_outcome(w->lint, map.exact),
                       pn_grant_outcome(w->lint, map.prefix) };
    size_t before = maps->keys.count;
    pn_number at = first;
    uint32_t number, class;

    if (!pn_work_take(w->lint->options->work, INTERVAL_STEPS)) {
        w->lint->failed = true;
        return;
    }
    if (!pn_sweep_interval_first(s, first, last, &first))
        return;
    if (!pn_intern_add(&maps->keys, key, sizeof(key), &number) ||
        !pn_vector_reserve(&maps->items, &maps->capacity, maps->keys.count,
                           sizeof(*maps->items))) {
        w->lint->failed = true;
        return;
    }
    if (number != before)
        return;
    if (!pn_first_global_unicast(s->family, last, &at) ||
        !pn_sweep_interval_first(s, at, last, &at))
        at = first;
    if (!s->weights)
        at = pn_example_address(s->family, at, last);
    map.witness = (struct pn_witness){ at, s->family, PN_RULE_NONE };
    key[2] = pn_grant_class(&w->classes, map.exact);
    key[3] = pn_grant_class(&w->classes, map.prefix);
    before = maps->classes.count;
    w->lint->failed |= !pn_intern_add(&maps->classes, key, sizeof(key), &class);
    map.is_representative = maps->classes.count > before;
    maps->items[number] = map;
}

static void
start_take(void *payload, const struct pn_sweep_interval *s)
{
    struct pn_grants *w = payload;
    struct pn_grant_starts *starts = &w->starts[s->family == 6];
    const struct pn_grant_start start = { s->first, s->zone, rule_of(s, true),
                                          rule_of(s, false) };

    w->lint->failed |= !pn_vector_add(&starts->items, &starts->count, &starts->capacity,
                                      &start, sizeof(start));
}

/* The start that an interval begins at or after. Both come zone by zone. */
static size_t
start_find(const struct pn_grant_starts *starts, size_t low,
           const struct pn_sweep_interval *s)
{
    size_t high = starts->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        const struct pn_grant_start *start = &starts->items[middle];

        if (start->zone < s->zone ||
            (start->zone == s->zone && start->start <= s->first))
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Cuts an interval of an ident's group at the starts of the rules without ident. Where
 * the group has neither addresses nor hosts it decides nothing. */
static void
group_take(void *payload, const struct pn_sweep_interval *s)
{
    struct pn_grants *w = payload;
    const struct pn_grant_starts *starts = &w->starts[s->family == 6];
    struct pn_grant_map map = { .group_exact = rule_of(s, true),
                                .group_prefix = rule_of(s, false) };
    pn_number first = s->first;

    if (map.group_exact == PN_RULE_NONE && map.group_prefix == PN_RULE_NONE &&
        !w->own_hosts)
        return;
    w->at = start_find(starts, w->at, s);
    for (;;) {
        const struct pn_grant_start *here = &starts->items[w->at];
        pn_number last = s->last;

        map.exact = here->exact;
        map.prefix = here->prefix;
        if (w->at + 1 < starts->count && here[1].zone == s->zone &&
            here[1].start - 1 < last)
            last = here[1].start - 1;
        map_add(w, map, s, first, last);
        if (last == s->last || w->lint->failed)
            return;
        first = last + 1;
        w->at++;
    }
}

static void
none_take(void *payload, const struct pn_sweep_interval *s)
{
    struct pn_grant_map map = { .group_exact = PN_RULE_NONE,
                                .group_prefix = PN_RULE_NONE,
                                .exact = rule_of(s, true),
                                .prefix = rule_of(s, false) };

    map_add(payload, map, s, s->first, s->last);
}

static void
family_find(struct pn_grants *w, uint8_t family)
{
    const struct pn_lint *lint = w->lint;
    const struct pn_intervals *covers =
        &lint->survey.covers.families[pn_family_index(family)];
    const struct pn_space *space = &lint->policy->space;
    bool good;

    if (lint->failed || !pn_profile_has(&lint->survey.profile, family))
        return;
    if (w->maps == &w->open) {
        good = pn_sweep_group(space, PN_GROUP_NO_IDENT, family, covers, none_take, w);
    } else {
        w->at = 0;
        good =
            (w->starts[pn_family_index(family)].items ||
             pn_sweep_group(space, PN_GROUP_NO_IDENT, family, NULL, start_take, w)) &&
            !lint->failed &&
            pn_sweep_group(space, w->group, family, covers, group_take, w);
    }
    w->lint->failed |= !good;
}

void
pn_grants_maps_find(struct pn_grants *w)
{
    const struct pn_group *g = &w->lint->policy->space.groups[w->group];
    bool cuts =
        w->group != PN_GROUP_NO_IDENT &&
        (g->prefixes[PN_V4].count || g->prefixes[PN_V6].count || g->spelt_count);

    w->maps = cuts ? &w->cut : &w->open;
    if (cuts) {
        pn_intern_clear(&w->cut.keys);
        pn_intern_clear(&w->cut.classes);
    } else if (w->open.keys.count) {
        return;
    }
    family_find(w, 4);
    family_find(w, 6);
}

void
pn_grants_maps_clear(struct pn_grant_maps *maps)
{
    pn_intern_clear(&maps->keys);
    pn_intern_clear(&maps->classes);
    pn_free(maps->items);
}
