/* A class is a text: the verdict, whether the client is served, and the variables that
 * matter. */
#include "analysis/lint/grant_classes.h"

#include <string.h>

#include "analysis/classes.h"
#include "analysis/lint/treatment.h"
#include "base/memory.h"

/* Outcomes that are no environment: all of those have smaller numbers. */
#define OUTCOME_DENIED (PN_RULE_NONE - 1)
#define OUTCOME_NO_ENV (PN_RULE_NONE - 2)

uint32_t
pn_grant_outcome(const struct pn_lint *lint, uint32_t item)
{
    const struct pn_policy_rule *rule;

    if (item == PN_RULE_NONE)
        return PN_RULE_NONE;
    rule = pn_lint_rule(lint, item);
    if (rule->verdict != POSTERN_ALLOW)
        return OUTCOME_DENIED;
    return rule->env_size ? rule->env : OUTCOME_NO_ENV;
}

/* Can a variable of this name give a client more or less? */
static bool
gives_or_takes(struct pn_str name, bool privileged)
{
    enum pn_effect effect = pn_variable_effect(name);

    return privileged || (effect != PN_EFFECT_UNKNOWN && effect != PN_EFFECT_OTHER &&
                          effect != PN_EFFECT_NOTHING);
}

static bool
class_make(struct pn_grant_classes *classes, const struct pn_lint *lint, uint32_t item,
           struct pn_intern *known)
{
    uint32_t rule = lint->policy->items[item].rule;
    struct postern_env_iter iter = pn_policy_env(lint->policy, rule);
    bool allows = pn_lint_allows(lint, item), good;
    struct pn_buffer text = { 0 };
    struct postern_env env;

    classes->serves[item] = pn_lint_serves(lint, item);
    classes->any_refused |= allows && !classes->serves[item];
    pn_buffer_add_format(&text, "%d%d", allows, classes->serves[item]);
    while (allows && postern_env_next(&iter, &env)) {
        struct pn_str name = { env.name.ptr, env.name.len };
        bool privileged = pn_lint_is_privileged(lint, name);

        classes->any_privileged |= privileged;
        if (!gives_or_takes(name, privileged))
            continue;
        pn_buffer_add(&text, env.name.ptr, env.name.len);
        pn_buffer_add_text(&text, env.value.ptr ? "=" : "-");
        pn_buffer_add(&text, env.value.ptr, env.value.ptr ? env.value.len : 0);
        pn_buffer_add(&text, "", 1);
    }
    good =
        !text.failed && pn_intern_add(known, text.bytes, text.size, &classes->of[item]);
    pn_buffer_free(&text);
    return good;
}

bool
pn_grant_classes_make(struct pn_grant_classes *classes, const struct pn_lint *lint)
{
    struct pn_intern known = { 0 };
    size_t count = lint->survey.count;
    bool good;

    *classes =
        (struct pn_grant_classes){ .lint = lint,
                                   .of = pn_calloc(count + 1, sizeof(*classes->of)),
                                   .serves = pn_calloc(count + 1, 1) };
    good = classes->of && classes->serves;
    for (uint32_t t = 0; t < count && good; t++)
        good = class_make(classes, lint, t, &known);
    pn_intern_clear(&known);
    return good;
}

void
pn_grant_classes_clear(struct pn_grant_classes *classes)
{
    pn_free(classes->of);
    pn_free(classes->serves);
}

/* Chains each candidate to the previous one of its kind, by class or by outcome. */
static bool
kinds_make(struct pn_grant_hosts *hosts, const struct pn_grant_classes *classes,
           const struct pn_host_rules *none, bool by_value)
{
    const struct pn_hosts *all = &hosts->lint->survey.hosts;
    uint32_t *last = pn_calloc(all->count + 1, sizeof(*last));
    struct pn_intern kinds = { 0 };
    bool good = last != NULL;

    for (uint32_t c = 0; c < all->count && good; c++) {
        uint32_t exact = none->exact[c], wide = none->wide[c], number;
        uint32_t key[] = { c == PN_HOST_NONE,
                           by_value ? pn_grant_outcome(hosts->lint, exact)
                                    : pn_grant_class(classes, exact),
                           by_value ? pn_grant_outcome(hosts->lint, wide)
                                    : pn_grant_class(classes, wide) };
        size_t before = kinds.count;

        hosts->next[by_value][c] = UINT32_MAX;
        if (!all->asked[c])
            continue;
        good = pn_intern_add(&kinds, key, sizeof(key), &number);
        if (!good)
            break;
        if (number == before)
            hosts->firsts[by_value][hosts->first_counts[by_value]++] = c;
        else
            hosts->next[by_value][last[number]] = c;
        last[number] = c;
    }
    pn_intern_clear(&kinds);
    pn_free(last);
    return good;
}

bool
pn_grant_hosts_make(struct pn_grant_hosts *hosts,
                    const struct pn_grant_classes *classes,
                    const struct pn_host_rules *none)
{
    const struct pn_lint *lint = classes->lint;
    size_t size = (lint->survey.hosts.count + 1) * sizeof(uint32_t);

    *hosts =
        (struct pn_grant_hosts){ .lint = lint,
                                 .items = pn_malloc(size),
                                 .named = pn_malloc(size),
                                 .marks = pn_calloc(lint->survey.hosts.count + 1, 1) };
    for (unsigned v = 0; v < 2; v++) {
        hosts->firsts[v] = pn_malloc(size);
        hosts->next[v] = pn_malloc(size);
        if (!hosts->firsts[v] || !hosts->next[v])
            return false;
    }
    return hosts->items && hosts->named && hosts->marks &&
           kinds_make(hosts, classes, none, false) &&
           kinds_make(hosts, classes, none, true);
}

void
pn_grant_hosts_clear(struct pn_grant_hosts *hosts)
{
    for (unsigned v = 0; v < 2; v++) {
        pn_free(hosts->firsts[v]);
        pn_free(hosts->next[v]);
    }
    pn_free(hosts->items);
    pn_free(hosts->named);
    pn_free(hosts->marks);
}

enum { MARK_NAMED = 1, MARK_TAKEN = 2 };

/* Has an ident a rule for a candidate that is not its rule for all? */
static bool
is_named(const struct pn_host_rules *own, uint32_t candidate)
{
    uint32_t wide = own->wide[candidate];

    return own->exact[candidate] != PN_RULE_NONE ||
           (wide != PN_RULE_NONE && wide != own->any_host && wide != own->fallback);
}

void
pn_grant_hosts_of(struct pn_grant_hosts *hosts, const struct pn_host_rules *own,
                  bool by_value)
{
    const struct pn_hosts *all = &hosts->lint->survey.hosts;

    hosts->count = hosts->named_count = 0;
    for (uint32_t c = 0; c < all->count; c++) {
        hosts->marks[c] = all->asked[c] && is_named(own, c) ? MARK_NAMED : 0;
        if (hosts->marks[c])
            hosts->named[hosts->named_count++] = c;
    }
    for (size_t i = 0; i < hosts->first_counts[by_value]; i++) {
        uint32_t c = hosts->firsts[by_value][i];

        while (c != UINT32_MAX && hosts->marks[c])
            c = hosts->next[by_value][c];
        if (c != UINT32_MAX)
            hosts->marks[c] = MARK_TAKEN;
    }
    for (uint32_t c = 0; c < all->count; c++)
        if (hosts->marks[c])
            hosts->items[hosts->count++] = c;
}
