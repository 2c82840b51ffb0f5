/* One pass over the intervals of each family, from which the networks are subtracted.
 * */
#include "analysis/lint/beyond.h"

#include "analysis/lint/tables.h"
#include "base/memory.h"
#include "base/vector.h"
#include "compiler/unicast.h"

struct reach_work {
    const struct pn_lint *lint;
    const bool *marked; /* by rule */
    const struct pn_address_set *networks;
    struct pn_reach *reaches; /* by item */
    uint32_t fallback;
};

bool
pn_networks_beyond(struct pn_address_set *set, const struct pn_lint *lint)
{
    const struct pn_networks *trusted = &lint->options->trusted;
    struct pn_network n;
    bool good = true;

    for (size_t i = 0; i < trusted->count && good; i++) {
        n = trusted->items[i];
        good = pn_intervals_add(&set->families[pn_family_index(n.family)], n.first,
                                n.last);
    }
    for (size_t i = 0; good && pn_unroutable(i, &n.family, &n.first, &n.last); i++)
        good = pn_intervals_add(&set->families[pn_family_index(n.family)], n.first,
                                n.last);
    return good;
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
    reach->witness = (struct pn_witness){ at, s->family, PN_RULE_NONE };
    reach->global = global;
}

/* The parts of an interval that are in none of the networks. */
static void
beyond_add(const struct reach_work *w, struct pn_reach *reach,
           const struct pn_sweep_interval *s)
{
    struct pn_gaps gaps = pn_gaps_begin(
        &w->networks->families[pn_family_index(s->family)], s->first, s->last);
    struct pn_interval gap;

    while (pn_gaps_next(&gaps, &gap))
        reach_add(reach, s, gap.first, gap.last);
}

static void
interval_take(void *payload, const struct pn_sweep_interval *s)
{
    struct reach_work *w = payload;
    const struct pn_prefix *entry = pn_sweep_interval_exact(s);
    uint32_t item;

    if (!entry)
        entry = pn_sweep_interval_prefix(s, NULL, PN_RULE_NONE);
    item = entry ? entry->rule : w->fallback;
    if (item != PN_RULE_NONE && w->marked[w->lint->policy->items[item].rule])
        beyond_add(w, &w->reaches[item], s);
}

struct pn_reach *
pn_reaches_find(const struct pn_lint *lint, const bool *marked,
                struct pn_address_set *networks)
{
    const struct pn_space *space = &lint->policy->space;
    struct reach_work w = { .lint = lint,
                            .marked = marked,
                            .networks = networks,
                            .fallback = space->groups[PN_GROUP_NO_IDENT].fallback };
    bool good;

    pn_address_set_finish(networks);
    w.reaches = pn_calloc(lint->survey.count + 1, sizeof(*w.reaches));
    good = w.reaches != NULL;
    for (unsigned f = 0; f < PN_FAMILIES && good; f++)
        if (pn_profile_has(&lint->options->profile, pn_family_at(f)))
            good = pn_sweep_group(space, PN_GROUP_NO_IDENT, pn_family_at(f),
                                  &lint->survey.covers.families[f], interval_take, &w);
    if (good)
        return w.reaches;
    pn_free(w.reaches);
    return NULL;
}
