/*
 * What each rule with such a variable decides for clients without ident, less the
 * trusted networks. Names are P502's, idents P503's.
 */
#include "analysis/lint/relay.h"

#include <stdlib.h>

#include "analysis/classes.h"
#include "compiler/unicast.h"

/* Of each rule: the addresses beyond the trusted networks, and one of them. */
struct reach {
    pn_number count;
    struct pn_spot spot;
    bool global;
};

struct work {
    struct pn_lint *lint;
    struct reach *reaches; /* of targets */
    bool *privileged;      /* of rules */
    uint32_t fallback;
};

static void
reach_add(struct reach *reach, const struct pn_stretch *s, pn_number first,
          pn_number last)
{
    pn_number at = first;
    bool global =
        pn_first_global(s->family, last, &at) && pn_stretch_first(s, at, last, &at);

    if (!pn_stretch_first(s, first, last, &first))
        return;
    reach->count += pn_stretch_count(s, first, last);
    if (reach->spot.family && (reach->global || !global))
        return;
    at = global ? at : first;
    if (!s->weights)
        at = pn_usable(s->family, at, last);
    reach->spot = (struct pn_spot){ at, s->family, PN_NATIVE_NONE };
    reach->global = global;
}

/* The parts of a stretch that are in no trusted network, which are in order. */
static void
beyond_add(const struct work *w, struct reach *reach, const struct pn_stretch *s)
{
    const struct pn_networks *trusted = &w->lint->options->trusted;
    pn_number first = s->first;

    for (size_t i = 0; i < trusted->count; i++) {
        const struct pn_network *n = &trusted->items[i];

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
stretch_take(void *payload, const struct pn_stretch *s)
{
    struct work *w = payload;
    const struct pn_prefix *entry = pn_stretch_exact(s);
    uint32_t target;

    if (!entry)
        entry = pn_stretch_prefix(s, NULL, PN_NATIVE_NONE);
    target = entry ? entry->rule : w->fallback;
    if (target != PN_NATIVE_NONE &&
        w->privileged[w->lint->policy->written[target].rule])
        beyond_add(w, &w->reaches[target], s);
}

static bool
mark_privileged(struct work *w)
{
    const struct pn_policy *policy = w->lint->policy;
    bool any = false;

    for (uint32_t i = 0; i < policy->count; i++) {
        struct postern_env_iter iter = pn_rule_env(policy, i);
        struct postern_env env;

        if (policy->rules[i].verdict != POSTERN_ALLOW)
            continue;
        while (postern_env_next(&iter, &env))
            w->privileged[i] |= pn_lint_is_privileged(
                w->lint, (struct pn_str){ env.name.ptr, env.name.len });
        any |= w->privileged[i];
    }
    return any;
}

static void
tell(struct pn_lint *lint, uint32_t target, const struct reach *reach,
     uint32_t candidate)
{
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_OPEN_RELAY, target);
    size_t count;

    if (!f)
        return;
    count = pn_lint_number(lint, reach->count);
    f->label = pn_report_format(
        lint->report, "%s address%s beyond the trusted networks",
        pn_report_text(lint->report, count), reach->count == 1 ? "" : "es");
    pn_lint_query(lint, f, &reach->spot, candidate, PN_GROUP_NO_IDENT);
}

/* Any resolved host is no name that has to be forged. */
static void
any_host(struct work *w)
{
    const struct pn_lint *lint = w->lint;
    uint32_t target = lint->policy->space.groups[PN_GROUP_NO_IDENT].any_host;
    struct reach reach = { 0 };

    if (target == PN_NATIVE_NONE ||
        !(lint->survey.facts[target].flags & PN_FACT_LIVES) ||
        !w->privileged[lint->policy->written[target].rule])
        return;
    for (size_t f = 0; f < 2; f++) {
        const struct pn_family_facts *ff =
            &lint->survey.groups[PN_GROUP_NO_IDENT].families[f];

        reach.count += ff->gap;
        if (!reach.spot.family)
            reach.spot = ff->gap_spot;
    }
    if (reach.count)
        tell(w->lint, target, &reach, PN_HOST_STRANGER);
}

void
pn_relay_lint(struct pn_lint *lint)
{
    const struct pn_group *g = &lint->policy->space.groups[PN_GROUP_NO_IDENT];
    struct work w = { .lint = lint, .fallback = g->fallback };
    bool good;

    w.reaches = calloc(lint->survey.count + 1, sizeof(*w.reaches));
    w.privileged = calloc(lint->policy->count + 1, sizeof(*w.privileged));
    good = w.reaches && w.privileged;
    if (good && mark_privileged(&w)) {
        if (!lint->options->profile.no_v4)
            good = pn_sweep_group(&lint->policy->space, PN_GROUP_NO_IDENT, 4,
                                  &lint->survey.covers[0], stretch_take, &w);
        if (good && !lint->options->profile.no_v6)
            good = pn_sweep_group(&lint->policy->space, PN_GROUP_NO_IDENT, 6,
                                  &lint->survey.covers[1], stretch_take, &w);
        for (uint32_t t = 0; t < lint->survey.count && good; t++)
            if (w.reaches[t].count)
                tell(lint, t, &w.reaches[t], PN_HOST_NONE);
        any_host(&w);
    }
    lint->failed |= !good;
    free(w.reaches);
    free(w.privileged);
}
