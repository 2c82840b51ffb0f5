/*
 * Every entry of the map of addresses is checked with every candidate. For what is more
 * or less, one entry and one host of each class are enough (grant_classes.h).
 */
#include "analysis/lint/grants.h"

#include <string.h>

#include "analysis/classes.h"
#include "analysis/lint/grants_maps.h"
#include "analysis/lint/treatment.h"
#include "base/memory.h"
#include "base/sizes.h"

/* The item that decides a candidate by some rules, at addresses with these items. */
static uint32_t
decide(const struct pn_host_rules *rules, uint32_t exact, uint32_t prefix,
       uint32_t candidate)
{
    if (exact != PN_RULE_NONE)
        return exact;
    if (rules->exact[candidate] != PN_RULE_NONE)
        return rules->exact[candidate];
    return prefix != PN_RULE_NONE ? prefix : rules->wide[candidate];
}

/* Is it a change of the current level? */
static bool
is_wanted(const struct pn_grants *w, const struct pn_treatment *t)
{
    if (w->level == LEVEL_PRIVILEGED)
        return t->change & PN_CHANGE_MORE && t->privileged;
    if (w->level == LEVEL_MORE)
        return t->change & PN_CHANGE_MORE;
    return t->change & PN_CHANGE_OTHER;
}

/* Describes the change: one that is neither more nor less is a note; the variable is
 * named. */
static void
level_report(const struct pn_grants *w, struct pn_finding *f, uint32_t with,
             const struct pn_treatment *t, const char *who)
{
    struct pn_report *report = w->lint->report;
    bool missing = t->name.ptr && !pn_lint_value(w->lint, with, t->name).ptr;

    if (f && w->level == LEVEL_PRIVILEGED)
        f->severity = PN_ERROR;
    if (f && w->level == LEVEL_OTHER) {
        f->severity = PN_NOTE;
        f->message = pn_report_format(report, "whoever %s is treated otherwise", who);
    }
    if (f && t->name.ptr)
        f->label = pn_report_format(report, "by %.*s%s", (int)t->name.len, t->name.ptr,
                                    missing ? ", which is not set here" : "");
}

/* Can an item still be reported at the current level? Not when it has been. */
static bool
is_possible(const struct pn_grants *w, uint32_t item)
{
    bool serves = pn_grant_serves(&w->classes, item);
    bool reported = w->reported[item] & REPORTED_GRANT;

    if (w->level == LEVEL_PRIVILEGED)
        return !reported && serves && w->classes.any_privileged;
    if (w->level == LEVEL_MORE) /* restrictions are found on the way */
        return (!reported && serves) || (w->group == PN_GROUP_NO_IDENT &&
                                         !(w->reported[item] & REPORTED_EVADED));
    return !reported &&
           (serves || w->classes.any_refused || pn_lint_allows(w->lint, item));
}

static bool
is_localhost(const struct pn_lint *lint, uint32_t candidate)
{
    struct pn_str name = pn_host_name(&lint->survey.hosts, candidate);

    return pn_str_is(name, "localhost");
}

/* Does an item name hosts, or all below a suffix? Any host is no name. */
static bool
is_name(const struct pn_grants *w, uint32_t item)
{
    const struct pn_item_info *info = &w->lint->survey.infos[item];

    return info->flags & PN_ITEM_HOSTS &&
           w->lint->policy->space.groups[info->group].any_host != item;
}

static void
host_grant(struct pn_grants *w, const struct pn_grant_map *map, uint32_t candidate,
           uint32_t with, uint32_t without)
{
    struct pn_lint *lint = w->lint;
    struct pn_treatment treatment;
    struct pn_finding *f;

    if (w->reported[with] & REPORTED_GRANT || lint->options->profile.paranoid ||
        !is_name(w, with))
        return;
    treatment = pn_lint_treatment(lint, with, without);
    if (!is_wanted(w, &treatment))
        return;
    w->reported[with] |= REPORTED_GRANT;
    f = pn_lint_add(lint, PN_CHECK_FORGEABLE_HOST_GRANT, with);
    level_report(w, f, with, &treatment, "forges this name");
    if (f && w->level == LEVEL_MORE && is_localhost(lint, candidate))
        f->severity = PN_ERROR;
    lint->assumes_all |= f != NULL;
    pn_lint_link(lint, f, without, "this decides it without the name");
    pn_lint_query(lint, f, &map->witness, candidate, PN_GROUP_NO_IDENT);
    if (f)
        f->help = pn_report_format(lint->report,
                                   "run the server with -p, which checks the name, or "
                                   "write addresses");
}

/* A variable by which an item restricts a client more than another item does; ptr NULL
 * for none. Leaving out a variable that grants is no restriction by the name. */
static struct pn_str
restriction_of(const struct pn_lint *lint, uint32_t with, uint32_t without)
{
    struct postern_env_iter iter =
        pn_policy_env(lint->policy, lint->policy->items[with].rule);
    struct postern_env env;

    while (postern_env_next(&iter, &env)) {
        struct pn_str name = { env.name.ptr, env.name.len };

        if (pn_variable_change(name, pn_lint_value(lint, without, name),
                               pn_lint_value(lint, with, name)) == PN_CHANGE_LESS)
            return name;
    }
    return (struct pn_str){ NULL, 0 };
}

/* A client that gets less by its name, and nothing more, evades that by having none. */
static bool
is_evadable(const struct pn_grants *w, uint32_t with, uint32_t without,
            struct pn_treatment *out)
{
    if (!(w->lint->survey.infos[with].flags & PN_ITEM_HOSTS) ||
        without == PN_RULE_NONE || !pn_lint_serves(w->lint, without))
        return false;
    *out = pn_lint_treatment(w->lint, with, without);
    if (!(out->change & PN_CHANGE_LESS) || out->change & PN_CHANGE_MORE)
        return false;
    if (pn_lint_serves(w->lint, with))
        out->name = restriction_of(w->lint, with, without);
    return !pn_lint_serves(w->lint, with) || out->name.ptr;
}

static void
host_evaded(struct pn_grants *w, const struct pn_grant_map *map, uint32_t with,
            uint32_t without)
{
    struct pn_lint *lint = w->lint;
    struct pn_treatment t;
    struct pn_finding *f;

    if (w->reported[with] & REPORTED_EVADED || !is_evadable(w, with, without, &t))
        return;
    w->reported[with] |= REPORTED_EVADED;
    f = pn_lint_add(lint, PN_CHECK_EVADABLE_HOST_DENY, with);
    if (f && t.name.ptr) {
        f->message =
            pn_report_format(lint->report, "whoever has no reverse name evades this %s",
                             pn_lint_serves(lint, with) ? "restriction" : "refusal");
        f->label =
            pn_report_format(lint->report, "by %.*s", (int)t.name.len, t.name.ptr);
    }
    pn_lint_link(lint, f, without, "this %s it without the name",
                 t.name.ptr ? "decides" : "allows");
    pn_lint_query(lint, f, &map->witness, PN_HOST_NONE, PN_GROUP_NO_IDENT);
}

/* The rule of hosts that decides a candidate where no address decides. */
static uint32_t
host_item(const struct pn_grants *w, uint32_t candidate, bool exact)
{
    const struct pn_host_rules *rules = &w->none;

    if (w->blocks.exact[candidate] != PN_RULE_NONE ||
        w->blocks.wide[candidate] != PN_RULE_NONE)
        rules = &w->blocks;
    return exact ? rules->exact[candidate] : rules->wide[candidate];
}

/* Can one of the rules of a host still be reported? */
static bool
host_is_possible(const struct pn_grants *w, uint32_t candidate)
{
    uint32_t exact = host_item(w, candidate, true),
             wide = host_item(w, candidate, false);

    return (exact != PN_RULE_NONE && is_possible(w, exact)) ||
           (wide != PN_RULE_NONE && is_possible(w, wide));
}

static void
host_check(struct pn_grants *w, const struct pn_grant_map *map, uint32_t candidate)
{
    uint32_t without = decide(&w->none, map->exact, map->prefix, PN_HOST_NONE);
    uint32_t with = w->blocks.exact[candidate] != PN_RULE_NONE
                        ? w->blocks.exact[candidate]
                        : w->blocks.wide[candidate];

    if (with == PN_RULE_NONE)
        with = decide(&w->none, map->exact, map->prefix, candidate);
    if (with == PN_RULE_NONE || with == without || with == map->exact ||
        with == map->prefix)
        return;
    host_grant(w, map, candidate, with, without);
    if (w->level == LEVEL_MORE)
        host_evaded(w, map, with, without);
}

/* Checks all hosts at addresses of the rules without ident. Hosts with nothing left to
 * report are dropped. */
static void
hosts_check(struct pn_grants *w, const struct pn_grant_map *map,
            struct pn_grant_hosts *hosts)
{
    size_t kept = 0;

    if (!pn_work_take(w->lint->options->work, hosts->count + 1)) {
        w->lint->failed = true;
        return;
    }
    for (size_t i = 0; i < hosts->count; i++) {
        host_check(w, map, hosts->items[i]);
        if (host_is_possible(w, hosts->items[i]))
            hosts->items[kept++] = hosts->items[i];
    }
    hosts->count = kept;
}

static void
hosts_begin(const struct pn_grants *w, struct pn_grant_hosts *hosts)
{
    hosts->count = 0;
    for (uint32_t c = PN_HOST_STRANGER; c < w->lint->survey.hosts.count; c++)
        if (!w->lint->options->profile.no_host && host_is_possible(w, c))
            hosts->items[hosts->count++] = c;
}

/* Checks one candidate with the ident at one entry of the map. */
static void
candidate_check(struct pn_grants *w, const struct pn_grant_map *map, uint32_t candidate)
{
    struct pn_lint *lint = w->lint;
    uint32_t with = decide(&w->own, map->group_exact, map->group_prefix, candidate);
    uint32_t without = decide(&w->none, map->exact, map->prefix, candidate);
    struct pn_treatment treatment;
    struct pn_finding *f;

    if (with == PN_RULE_NONE || w->reported[with] & REPORTED_GRANT ||
        !is_possible(w, with))
        return;
    treatment = pn_lint_treatment(lint, with, without);
    if (!is_wanted(w, &treatment))
        return;
    w->reported[with] |= REPORTED_GRANT;
    f = pn_lint_add(lint, PN_CHECK_FORGEABLE_IDENT_GRANT, with);
    level_report(w, f, with, &treatment, "answers this ident");
    if (without != PN_RULE_NONE)
        pn_lint_link(lint, f, without, "this decides it without the ident");
    pn_lint_query(lint, f, &map->witness, candidate, w->group);
}

/* Checks the hosts that the ident's rules name, and a representative of each class of
 * the others. */
static void
ident_check(struct pn_grants *w, const struct pn_grant_map *map,
            const struct pn_grant_hosts *hosts)
{
    bool all = map->group_exact != PN_RULE_NONE || map->group_prefix != PN_RULE_NONE ||
               w->own.any_host != PN_RULE_NONE || w->own.fallback != PN_RULE_NONE;
    size_t count = all ? hosts->count : hosts->named_count;
    const uint32_t *items = all ? hosts->items : hosts->named;

    if (!pn_work_take(w->lint->options->work, count + 1)) {
        w->lint->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        candidate_check(w, map, items[i]);
}

/* Can a rule of the ident still be reported? */
static bool
group_is_possible(const struct pn_grants *w, uint32_t group)
{
    const struct pn_group *g = &w->lint->policy->space.groups[group];
    const uint32_t others[] = { g->any_host, g->fallback };

    for (size_t i = 0; i < g->prefixes[PN_V4].count; i++)
        if (is_possible(w, g->prefixes[PN_V4].items[i].rule))
            return true;
    for (size_t i = 0; i < g->prefixes[PN_V6].count; i++)
        if (is_possible(w, g->prefixes[PN_V6].items[i].rule))
            return true;
    for (size_t i = 0; i < g->spelt_count; i++)
        if (is_possible(w, g->spelt[i].prefix.rule))
            return true;
    for (size_t i = 0; i < g->host_count; i++)
        if (is_possible(w, g->hosts[i].rule))
            return true;
    for (size_t i = 0; i < PN_COUNT_OF(others); i++)
        if (others[i] != PN_RULE_NONE && is_possible(w, others[i]))
            return true;
    return false;
}

/* Checks one level. What is more or less is so for all entries, and for all hosts, of
 * one class. */
static void
level_check(struct pn_grants *w, struct pn_grant_hosts *hosts)
{
    bool by_value = w->level == LEVEL_OTHER;

    if (w->group != PN_GROUP_NO_IDENT) {
        if (!group_is_possible(w, w->group))
            return;
        pn_grant_hosts_of(hosts, &w->own, by_value);
    } else {
        hosts_begin(w, hosts);
    }
    for (size_t i = 0; i < w->maps->keys.count && !w->lint->failed; i++) {
        if (!by_value && !w->maps->items[i].is_representative)
            continue;
        if (w->group == PN_GROUP_NO_IDENT)
            hosts_check(w, &w->maps->items[i], hosts);
        else
            ident_check(w, &w->maps->items[i], hosts);
    }
}

static void
group_check(struct pn_grants *w, uint32_t group, struct pn_grant_hosts *hosts)
{
    const struct pn_space *space = &w->lint->policy->space;
    const struct pn_group *g = &space->groups[group];

    w->group = group;
    w->own_hosts =
        g->host_count || g->any_host != PN_RULE_NONE || g->fallback != PN_RULE_NONE;
    if (!pn_work_take(w->lint->options->work, w->lint->survey.hosts.count))
        w->lint->failed = true;
    if (group > PN_GROUP_NO_IDENT &&
        !pn_host_rules_begin(&w->own, &w->lint->survey.hosts, g))
        w->lint->failed = true;
    pn_grants_maps_find(w);
    for (w->level = LEVEL_PRIVILEGED; w->level < LEVELS && !w->lint->failed; w->level++)
        level_check(w, hosts);
    pn_host_rules_clear(&w->own);
}

/* Nearly always there are neither hosts nor idents. */
static bool
has_names(const struct pn_space *space)
{
    for (size_t i = 0; i < PN_NATIVE_FIRST_GROUPS; i++)
        if (space->groups[i].host_count || space->groups[i].any_host != PN_RULE_NONE)
            return true;
    return false;
}

void
pn_grants_lint(struct pn_lint *lint)
{
    const struct pn_space *space = &lint->policy->space;
    const struct pn_hosts *hosts = &lint->survey.hosts;
    struct pn_grant_hosts candidates = { 0 };
    struct pn_grants w = { .lint = lint };

    if (!lint->report->on[PN_CHECK_FORGEABLE_HOST_GRANT] &&
        !lint->report->on[PN_CHECK_EVADABLE_HOST_DENY] &&
        !lint->report->on[PN_CHECK_FORGEABLE_IDENT_GRANT])
        return;
    if (!has_names(space) && space->group_count == PN_NATIVE_FIRST_GROUPS)
        return;
    w.reported = pn_calloc(lint->survey.count + 1, 1);
    if (!w.reported ||
        !pn_host_rules_begin(&w.none, hosts, &space->groups[PN_GROUP_NO_IDENT]) ||
        !pn_host_rules_begin(&w.blocks, hosts, &space->groups[PN_GROUP_BLOCKS]))
        lint->failed = true;
    if (!lint->failed && (!pn_grant_classes_make(&w.classes, lint) ||
                          !pn_grant_hosts_make(&candidates, &w.classes, &w.none)))
        lint->failed = true;
    if (has_names(space) && !lint->failed)
        group_check(&w, PN_GROUP_NO_IDENT, &candidates);
    for (uint32_t g = PN_NATIVE_FIRST_GROUPS;
         g < space->group_count && !lint->failed && !lint->options->profile.no_ident;
         g++)
        group_check(&w, g, &candidates);
    pn_host_rules_clear(&w.none);
    pn_host_rules_clear(&w.blocks);
    pn_grant_hosts_clear(&candidates);
    pn_grant_classes_clear(&w.classes);
    pn_grants_maps_clear(&w.open);
    pn_grants_maps_clear(&w.cut);
    pn_free(w.starts[0].items);
    pn_free(w.starts[1].items);
    pn_free(w.reported);
}
