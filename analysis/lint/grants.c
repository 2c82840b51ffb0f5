/*
 * Addresses are cut into grounds, on which the same is said of everybody; grounds that
 * differ in nothing that is noticed are looked at once, with every host there can be.
 */
#include "analysis/lint/grants.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "analysis/lint/treatment.h"
#include "base/vector.h"
#include "compiler/unicast.h"

/* What stands at a ground: in the group that is looked at, and without ident. */
struct ground {
    uint32_t group_exact, group_prefix, exact, prefix;
    struct pn_spot spot;
};

/* From `start` on, what those without ident have. */
struct start {
    pn_number start;
    unsigned zone;
    uint32_t exact, prefix;
};

/* What a name or an ident gives: the worst that it does anywhere is told, so that is
 * looked for first. */
enum grade { GRADE_PRIVILEGED, GRADE_MORE, GRADE_OTHER, GRADES };

struct work {
    struct pn_lint *lint;
    struct pn_host_rules none, own, blocks; /* of hosts: without ident, of the group, */
    uint32_t group;
    struct pn_intern keys; /* of grounds */
    struct ground *grounds;
    size_t capacity;
    struct start *starts;
    size_t start_count, start_capacity;
    size_t at;        /* the start that the sweep has come to */
    uint8_t *told;    /* of targets: enum told */
    enum grade grade; /* what is looked for */
};

enum told { TOLD_GRANT = 1, TOLD_EVADED = 2 };

static uint32_t
rule_of(const struct pn_stretch *s, bool exact)
{
    const struct pn_prefix *p =
        exact ? pn_stretch_exact(s) : pn_stretch_prefix(s, NULL, PN_NATIVE_NONE);

    return p ? p->rule : PN_NATIVE_NONE;
}

/* What is noticed of a target here: denied or not, and the environment. */
static uint32_t
value_of(const struct pn_lint *lint, uint32_t target)
{
    const struct pn_policy_rule *rule;

    if (target == PN_NATIVE_NONE)
        return PN_NATIVE_NONE;
    rule = pn_lint_rule(lint, target);
    if (rule->verdict != POSTERN_ALLOW)
        return PN_NATIVE_NONE - 1;
    return rule->env_size ? rule->env : PN_NATIVE_NONE - 2;
}

static void
ground_add(struct work *w, struct ground ground, const struct pn_stretch *s,
           pn_number first, pn_number last)
{
    uint32_t key[] = { ground.group_exact, ground.group_prefix,
                       value_of(w->lint, ground.exact),
                       value_of(w->lint, ground.prefix) };
    size_t before = w->keys.count;
    pn_number at = first;
    uint32_t number;

    if (!pn_stretch_first(s, first, last, &first))
        return;
    if (!pn_intern_add(&w->keys, key, sizeof(key), &number) ||
        !pn_vector_reserve(&w->grounds, &w->capacity, w->keys.count,
                           sizeof(*w->grounds))) {
        w->lint->failed = true;
        return;
    }
    if (number != before)
        return;
    if (!pn_first_global(s->family, last, &at) || !pn_stretch_first(s, at, last, &at))
        at = first;
    if (!s->weights)
        at = pn_usable(s->family, at, last);
    ground.spot = (struct pn_spot){ at, s->family, PN_NATIVE_NONE };
    w->grounds[number] = ground;
}

static void
start_take(void *payload, const struct pn_stretch *s)
{
    struct work *w = payload;

    if (pn_vector_reserve(&w->starts, &w->start_capacity, w->start_count + 1,
                          sizeof(*w->starts)))
        w->starts[w->start_count++] =
            (struct start){ s->first, s->zone, rule_of(s, true), rule_of(s, false) };
    else
        w->lint->failed = true;
}

/* Is it the next start's turn? They come zone by zone, as stretches do. */
static bool
is_passed(const struct start *here, const struct pn_stretch *s)
{
    const struct start *next = here + 1;

    return next->zone < s->zone ||
           (next->zone == s->zone && (here->zone < s->zone || next->start <= s->first));
}

/* A stretch of an ident's group, by what those without ident have in it. */
static void
group_take(void *payload, const struct pn_stretch *s)
{
    struct work *w = payload;
    struct ground ground = { .group_exact = rule_of(s, true),
                             .group_prefix = rule_of(s, false) };
    pn_number first = s->first;

    while (w->at + 1 < w->start_count && is_passed(&w->starts[w->at], s))
        w->at++;
    for (;;) {
        const struct start *here = &w->starts[w->at];
        pn_number last = s->last;

        ground.exact = here->exact;
        ground.prefix = here->prefix;
        if (w->at + 1 < w->start_count && here[1].zone == s->zone &&
            here[1].start - 1 < last)
            last = here[1].start - 1;
        ground_add(w, ground, s, first, last);
        if (last == s->last)
            return;
        first = last + 1;
        w->at++;
    }
}

static void
none_take(void *payload, const struct pn_stretch *s)
{
    struct ground ground = { .group_exact = PN_NATIVE_NONE,
                             .group_prefix = PN_NATIVE_NONE,
                             .exact = rule_of(s, true),
                             .prefix = rule_of(s, false) };

    ground_add(payload, ground, s, s->first, s->last);
}

static void
grounds_find(struct work *w, uint8_t family)
{
    const struct pn_lint *lint = w->lint;
    const struct pn_covers *covers = &lint->survey.covers[family == 6];
    const struct pn_space *space = &lint->policy->space;
    bool good;

    if (family == 6 ? lint->survey.profile.no_v6 : lint->survey.profile.no_v4)
        return;
    if (w->group == PN_GROUP_NO_IDENT) {
        good = pn_sweep_group(space, PN_GROUP_NO_IDENT, family, covers, none_take, w);
    } else {
        w->start_count = w->at = 0;
        good = pn_sweep_group(space, PN_GROUP_NO_IDENT, family, NULL, start_take, w) &&
               !lint->failed &&
               pn_sweep_group(space, w->group, family, covers, group_take, w);
    }
    w->lint->failed |= !good;
}

/* Who decides for a candidate by some rules, on a ground with these addresses. */
static uint32_t
decide(const struct pn_host_rules *rules, uint32_t exact, uint32_t prefix,
       uint32_t candidate)
{
    if (exact != PN_NATIVE_NONE)
        return exact;
    if (rules->exact[candidate] != PN_NATIVE_NONE)
        return rules->exact[candidate];
    return prefix != PN_NATIVE_NONE ? prefix : rules->wide[candidate];
}

/* Is this what is looked for now? */
static bool
is_wanted(const struct work *w, const struct pn_treatment *t)
{
    if (w->grade == GRADE_PRIVILEGED)
        return t->change & PN_CHANGE_MORE && t->privileged;
    if (w->grade == GRADE_MORE)
        return t->change & PN_CHANGE_MORE;
    return t->change & PN_CHANGE_OTHER;
}

/* What is neither more nor less for sure is a note; the variable is named. */
static void
grade_tell(const struct work *w, struct pn_finding *f, uint32_t with,
           const struct pn_treatment *t, const char *who)
{
    struct pn_report *report = w->lint->report;
    bool missing = t->name.ptr && !pn_lint_value(w->lint, with, t->name).ptr;

    if (f && w->grade == GRADE_PRIVILEGED)
        f->severity = PN_ERROR;
    if (f && w->grade == GRADE_OTHER) {
        f->severity = PN_NOTE;
        f->message = pn_report_format(report, "whoever %s is treated otherwise", who);
    }
    if (f && t->name.ptr)
        f->label = pn_report_format(report, "by %.*s%s", (int)t->name.len, t->name.ptr,
                                    missing ? ", which is not set here" : "");
}

static bool
is_localhost(const struct pn_lint *lint, uint32_t candidate)
{
    struct pn_str name = pn_host_name(&lint->survey.hosts, candidate);

    return name.len == 9 && memcmp(name.ptr, "localhost", 9) == 0;
}

/* Is a target the rule of a name, or of all names below one? Any host is no name. */
static bool
is_name(const struct work *w, uint32_t target)
{
    const struct pn_fact *fact = &w->lint->survey.facts[target];

    return fact->flags & PN_FACT_HOSTS &&
           w->lint->policy->space.groups[fact->group].any_host != target;
}

static void
host_grant(struct work *w, const struct ground *ground, uint32_t candidate,
           uint32_t with, uint32_t without)
{
    struct pn_lint *lint = w->lint;
    struct pn_treatment treatment;
    struct pn_finding *f;

    if (w->told[with] & TOLD_GRANT || lint->options->profile.paranoid ||
        !is_name(w, with))
        return;
    treatment = pn_lint_treatment(lint, with, without);
    if (!is_wanted(w, &treatment))
        return;
    w->told[with] |= TOLD_GRANT;
    f = pn_lint_add(lint, PN_CHECK_FORGEABLE_HOST_GRANT, with);
    grade_tell(w, f, with, &treatment, "forges this name");
    if (f && w->grade == GRADE_MORE && is_localhost(lint, candidate))
        f->severity = PN_ERROR;
    lint->assumes_all |= f != NULL;
    pn_lint_link(lint, f, without, "this decides it without the name");
    pn_lint_query(lint, f, &ground->spot, candidate, PN_GROUP_NO_IDENT);
    if (f)
        f->help = pn_report_format(lint->report,
                                   "run the server with -p, which checks the name, or "
                                   "write addresses");
}

/* A variable that a target sets, and that leaves a client less than another would; ptr
 * NULL for none. To leave one out that grants is no restriction of the name. */
static struct pn_str
restriction_of(const struct pn_lint *lint, uint32_t with, uint32_t without)
{
    struct postern_env_iter iter =
        pn_rule_env(lint->policy, lint->policy->written[with].rule);
    struct postern_env env;

    while (postern_env_next(&iter, &env)) {
        struct pn_str name = { env.name.ptr, env.name.len };

        if (pn_variable_change(name, pn_lint_value(lint, without, name),
                               pn_lint_value(lint, with, name)) == PN_CHANGE_LESS)
            return name;
    }
    return (struct pn_str){ NULL, 0 };
}

/* Who gets less by a name, and nothing more, does better without it. */
static bool
is_evadable(const struct work *w, uint32_t with, uint32_t without,
            struct pn_treatment *out)
{
    if (!(w->lint->survey.facts[with].flags & PN_FACT_HOSTS) ||
        without == PN_NATIVE_NONE || !pn_lint_serves(w->lint, without))
        return false;
    *out = pn_lint_treatment(w->lint, with, without);
    if (!(out->change & PN_CHANGE_LESS) || out->change & PN_CHANGE_MORE)
        return false;
    if (pn_lint_serves(w->lint, with))
        out->name = restriction_of(w->lint, with, without);
    return !pn_lint_serves(w->lint, with) || out->name.ptr;
}

static void
host_evaded(struct work *w, const struct ground *ground, uint32_t with,
            uint32_t without)
{
    struct pn_lint *lint = w->lint;
    struct pn_treatment t;
    struct pn_finding *f;

    if (w->told[with] & TOLD_EVADED || !is_evadable(w, with, without, &t))
        return;
    w->told[with] |= TOLD_EVADED;
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
    pn_lint_query(lint, f, &ground->spot, PN_HOST_NONE, PN_GROUP_NO_IDENT);
}

/* Every host on a ground of those without ident. */
static void
hosts_look(struct work *w, const struct ground *ground)
{
    const struct pn_hosts *hosts = &w->lint->survey.hosts;
    uint32_t without = decide(&w->none, ground->exact, ground->prefix, PN_HOST_NONE);

    if (w->lint->options->profile.no_host)
        return;
    for (uint32_t c = PN_HOST_STRANGER; c < hosts->count; c++) {
        uint32_t with = w->blocks.exact[c] != PN_NATIVE_NONE ? w->blocks.exact[c]
                                                             : w->blocks.wide[c];

        if (with == PN_NATIVE_NONE)
            with = decide(&w->none, ground->exact, ground->prefix, c);
        if (with == PN_NATIVE_NONE || with == without || with == ground->exact ||
            with == ground->prefix)
            continue;
        host_grant(w, ground, c, with, without);
        if (w->grade == GRADE_MORE)
            host_evaded(w, ground, with, without);
    }
}

static void
ident_look(struct work *w, const struct ground *ground)
{
    struct pn_lint *lint = w->lint;
    const struct pn_hosts *hosts = &lint->survey.hosts;

    for (uint32_t c = 0; c < hosts->count; c++) {
        uint32_t with = decide(&w->own, ground->group_exact, ground->group_prefix, c);
        uint32_t without = decide(&w->none, ground->exact, ground->prefix, c);
        struct pn_treatment treatment;
        struct pn_finding *f;

        if (!hosts->asked[c] || with == PN_NATIVE_NONE || w->told[with] & TOLD_GRANT)
            continue;
        treatment = pn_lint_treatment(lint, with, without);
        if (!is_wanted(w, &treatment))
            continue;
        w->told[with] |= TOLD_GRANT;
        f = pn_lint_add(lint, PN_CHECK_FORGEABLE_IDENT_GRANT, with);
        grade_tell(w, f, with, &treatment, "answers this ident");
        if (without != PN_NATIVE_NONE)
            pn_lint_link(lint, f, without, "this decides it without the ident");
        pn_lint_query(lint, f, &ground->spot, c, w->group);
    }
}

static void
group_look(struct work *w, uint32_t group)
{
    const struct pn_space *space = &w->lint->policy->space;

    w->group = group;
    pn_intern_clear(&w->keys);
    if (group > PN_GROUP_NO_IDENT &&
        !pn_host_rules_begin(&w->own, &w->lint->survey.hosts, &space->groups[group]))
        w->lint->failed = true;
    if (!w->lint->failed)
        grounds_find(w, 4);
    if (!w->lint->failed)
        grounds_find(w, 6);
    for (w->grade = GRADE_PRIVILEGED; w->grade < GRADES; w->grade++)
        for (size_t i = 0; i < w->keys.count && !w->lint->failed; i++) {
            if (group == PN_GROUP_NO_IDENT)
                hosts_look(w, &w->grounds[i]);
            else
                ident_look(w, &w->grounds[i]);
        }
    pn_host_rules_clear(&w->own);
}

/* Without hosts and idents there is nothing to look for, nearly always. */
static bool
has_names(const struct pn_space *space)
{
    for (size_t i = 0; i < PN_NATIVE_FIRST_GROUPS; i++)
        if (space->groups[i].host_count || space->groups[i].any_host != PN_NATIVE_NONE)
            return true;
    return false;
}

void
pn_grants_lint(struct pn_lint *lint)
{
    const struct pn_space *space = &lint->policy->space;
    const struct pn_hosts *hosts = &lint->survey.hosts;
    struct work w = { .lint = lint };

    if (!has_names(space) && space->group_count == PN_NATIVE_FIRST_GROUPS)
        return;
    w.told = calloc(lint->survey.count + 1, 1);
    if (!w.told ||
        !pn_host_rules_begin(&w.none, hosts, &space->groups[PN_GROUP_NO_IDENT]) ||
        !pn_host_rules_begin(&w.blocks, hosts, &space->groups[PN_GROUP_BLOCKS]))
        lint->failed = true;
    if (has_names(space) && !lint->failed)
        group_look(&w, PN_GROUP_NO_IDENT);
    for (uint32_t g = PN_NATIVE_FIRST_GROUPS;
         g < space->group_count && !lint->failed && !lint->options->profile.no_ident;
         g++)
        group_look(&w, g);
    pn_host_rules_clear(&w.none);
    pn_host_rules_clear(&w.blocks);
    pn_intern_clear(&w.keys);
    free(w.grounds);
    free(w.starts);
    free(w.told);
}
