/* One pass over the stretches of each family; networks are cut out of each. */
#include "analysis/lint/beyond.h"

#include <stdlib.h>

#include "analysis/lint/tables.h"
#include "base/vector.h"
#include "compiler/unicast.h"

struct work {
    const struct pn_lint *lint;
    const bool *marked; /* rules */
    const struct pn_network_list *beyond;
    struct pn_reach *reaches; /* of items */
    uint32_t fallback;
};

bool
pn_network_list_add(struct pn_network_list *list, struct pn_network network)
{
    return pn_vector_add(&list->items, &list->count, &list->capacity, &network,
                         sizeof(network));
}

bool
pn_network_list_begin(struct pn_network_list *list, const struct pn_lint *lint)
{
    const struct pn_networks *trusted = &lint->options->trusted;
    struct pn_network network;
    bool good = true;

    for (size_t i = 0; i < trusted->count && good; i++)
        good = pn_network_list_add(list, trusted->items[i]);
    for (size_t i = 0;
         good && pn_unroutable(i, &network.family, &network.first, &network.last); i++)
        good = pn_network_list_add(list, network);
    return good;
}

void
pn_network_list_clear(struct pn_network_list *list)
{
    free(list->items);
    *list = (struct pn_network_list){ 0 };
}

static int
by_start(const void *left, const void *right)
{
    const struct pn_network *a = left, *b = right;

    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

static void
reach_add(struct pn_reach *reach, const struct pn_sweep_interval *s, pn_number first,
          pn_number last)
{
    pn_number at = first;
    bool global = pn_first_global_unicast(s->family, last, &at) &&
                  pn_sweep_interval_first(s, at, last, &at);

    if (!pn_sweep_interval_first(s, first, last, &first))
        return;
    reach->counts[s->family == 6] += pn_sweep_interval_count(s, first, last);
    if (reach->witness.family && (reach->global || !global))
        return;
    at = global ? at : first;
    if (!s->weights)
        at = pn_example_address(s->family, at, last);
    reach->witness = (struct pn_witness){ at, s->family, PN_NATIVE_NONE };
    reach->global = global;
}

/* The parts of a stretch that are in none of the networks, which are in order. */
static void
beyond_add(const struct work *w, struct pn_reach *reach,
           const struct pn_sweep_interval *s)
{
    pn_number first = s->first;

    for (size_t i = 0; i < w->beyond->count; i++) {
        const struct pn_network *n = &w->beyond->items[i];

        if (n->family != s->family || n->last < first)
            continue;
        if (n->first > s->last)
            break;
        if (n->first > first)
            reach_add(reach, s, first, n->first - 1);
        if (n->last >= s->last)
            return;
        first = n->last + 1;
    }
    reach_add(reach, s, first, s->last);
}

static void
interval_take(void *payload, const struct pn_sweep_interval *s)
{
    struct work *w = payload;
    const struct pn_prefix *entry = pn_sweep_interval_exact(s);
    uint32_t item;

    if (!entry)
        entry = pn_sweep_interval_prefix(s, NULL, PN_NATIVE_NONE);
    item = entry ? entry->rule : w->fallback;
    if (item != PN_NATIVE_NONE && w->marked[w->lint->policy->items[item].rule])
        beyond_add(w, &w->reaches[item], s);
}

struct pn_reach *
pn_reaches_find(const struct pn_lint *lint, const bool *marked,
                struct pn_network_list *beyond)
{
    const struct pn_space *space = &lint->policy->space;
    struct work w = { .lint = lint,
                      .marked = marked,
                      .beyond = beyond,
                      .fallback = space->groups[PN_GROUP_NO_IDENT].fallback };
    bool good;

    w.reaches = calloc(lint->survey.count + 1, sizeof(*w.reaches));
    good = w.reaches != NULL;
    if (beyond->count)
        qsort(beyond->items, beyond->count, sizeof(*beyond->items), by_start);
    if (good && !lint->options->profile.no_v4)
        good = pn_sweep_group(space, PN_GROUP_NO_IDENT, 4, &lint->survey.covers[0],
                              interval_take, &w);
    if (good && !lint->options->profile.no_v6)
        good = pn_sweep_group(space, PN_GROUP_NO_IDENT, 6, &lint->survey.covers[1],
                              interval_take, &w);
    if (good)
        return w.reaches;
    free(w.reaches);
    return NULL;
}
