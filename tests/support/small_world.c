/* Nothing clever here: other code is tested against this file. */
#include "tests/support/small_world.h"

#include <stdio.h>
#include <string.h>

#include "base/sizes.h"
#include "tests/support/harness.h"
#include "tests/support/random.h"

const char *const pn_small_hosts[] = { NULL,  "a.b", "b",   "x.a.b", "c",
                                       "y.c", "z",   "z.b", "z.a.b" };
const size_t pn_small_host_count = PN_COUNT_OF(pn_small_hosts);
const char *const pn_small_idents[] = { NULL, "j", "", "k", "other" };
const size_t pn_small_ident_count = PN_COUNT_OF(pn_small_idents);

static unsigned
pick(uint64_t *seed, unsigned count)
{
    return pn_test_pick(seed, count);
}

static const char *const hosts[] = { "a.b", "b", "x.a.b", "c" };
static const char *const suffixes[] = { ".b", ".a.b", ".c" };
static const char *const idents[] = { "j", "", "k" };

#define ANY(list) (list)[pick(seed, (unsigned)PN_COUNT_OF(list))]

static void
make_rule(uint64_t *seed, struct pn_small_rule *rule)
{
    *rule = (struct pn_small_rule){ .kind = (enum pn_small_kind)pick(seed, 6),
                                    .deny = pick(seed, 2) };
    rule->block = pick(seed, 6) == 0 && rule->kind != PN_SMALL_DEFAULT;
    if (!rule->block && pick(seed, 3) == 0)
        rule->ident = ANY(idents);
    rule->family = pick(seed, 2) ? 4 : 6;
    rule->length = rule->kind == PN_SMALL_ADDRESS ? 3 : pick(seed, 4);
    rule->first = pick(seed, PN_SMALL_ADDRESSES) & ~((1u << (3 - rule->length)) - 1);
    rule->last = rule->first | ((1u << (3 - rule->length)) - 1);
    rule->hole = rule->kind <= PN_SMALL_PREFIX && !rule->ident && pick(seed, 3) == 0;
    rule->hole_first = pick(seed, PN_SMALL_ADDRESSES);
    rule->hole_last =
        rule->hole_first + pick(seed, PN_SMALL_ADDRESSES - rule->hole_first);
    rule->named = rule->kind < PN_SMALL_DEFAULT && pick(seed, 4) == 0;
    rule->value = pick(seed, 3);
    rule->host = rule->kind == PN_SMALL_HOST ? ANY(hosts) : ANY(suffixes);
}

static void
print_target(uint64_t *seed, struct pn_buffer *text, const struct pn_small_rule *rule)
{
    const char *net = rule->family == 4 ? "10.0.0." : "2001:db8::";

    if (rule->kind == PN_SMALL_ADDRESS)
        pn_buffer_add_format(text, "%s%u", net, rule->first);
    else if (rule->kind == PN_SMALL_PREFIX && pick(seed, 2))
        pn_buffer_add_format(text, "%s%u-%s%u", net, rule->first, net, rule->last);
    else if (rule->kind == PN_SMALL_PREFIX)
        pn_buffer_add_format(text, "%s%u/%u", net, rule->first,
                             (rule->family == 4 ? 29 : 125) + rule->length);
    else if (rule->kind == PN_SMALL_HOST || rule->kind == PN_SMALL_SUFFIX)
        pn_buffer_add_format(text, "=%s", rule->host);
    else
        pn_buffer_add_text(text, rule->kind == PN_SMALL_ANY_HOST ? "=" : "*");
}

static void
print_hole(struct pn_buffer *text, const struct pn_small_rule *rule)
{
    const char *net = rule->family == 4 ? "10.0.0." : "2001:db8::";

    if (rule->hole)
        pn_buffer_add_format(text, " except %s%u-%s%u", net, rule->hole_first, net,
                             rule->hole_last);
}

/* A rule is a line; the definition of its set, if it has one, stands at the end. */
static void
print_rule(uint64_t *seed, struct pn_buffer *text, struct pn_buffer *sets,
           const struct pn_small_rule *rule, size_t number)
{
    bool inside = pick(seed, 2); /* the hole may be the set's or the rule's */

    if (rule->ident)
        pn_buffer_add_format(text, *rule->ident ? "%s@" : "\"%s\"@", rule->ident);
    if (rule->named) {
        pn_buffer_add_format(text, "$s%zu", number);
        pn_buffer_add_format(sets, "set s%zu = {\n", number);
        print_target(seed, sets, rule);
        pn_buffer_add_text(sets, "\n}");
        if (inside)
            print_hole(sets, rule);
        pn_buffer_add_text(sets, "\n");
    } else {
        print_target(seed, text, rule);
    }
    if (!rule->named || !inside)
        print_hole(text, rule);
    pn_buffer_add_text(text, rule->block  ? " : block"
                             : rule->deny ? " : deny"
                                          : " : allow");
    if (rule->value)
        pn_buffer_add_format(text, ", V=\"%u\"", rule->value);
    pn_buffer_add_text(text, "\n");
}

static bool
ends_with(const char *text, const char *end)
{
    size_t text_len = strlen(text), end_len = strlen(end);

    return text_len >= end_len && strcmp(text + text_len - end_len, end) == 0;
}

bool
pn_small_same_key(const struct pn_small_rule *a, const struct pn_small_rule *b)
{
    if (a->kind != b->kind || a->block != b->block || !a->ident != !b->ident ||
        (a->ident && strcmp(a->ident, b->ident) != 0))
        return false;
    if (a->kind <= PN_SMALL_PREFIX)
        return a->family == b->family && a->first == b->first && a->last == b->last;
    return a->kind > PN_SMALL_SUFFIX || strcmp(a->host, b->host) == 0;
}

bool
pn_small_matches(const struct pn_small_rule *rule, const struct pn_small_query *q)
{
    switch (rule->kind) {
    case PN_SMALL_ADDRESS:
    case PN_SMALL_PREFIX:
        return rule->family == q->family && q->address >= rule->first &&
               q->address <= rule->last &&
               !(rule->hole && q->address >= rule->hole_first &&
                 q->address <= rule->hole_last);
    case PN_SMALL_HOST:
        return q->host && strcmp(rule->host, q->host) == 0;
    case PN_SMALL_SUFFIX:
        return q->host && ends_with(q->host, rule->host);
    case PN_SMALL_ANY_HOST:
        return q->host != NULL;
    case PN_SMALL_DEFAULT:
        return true;
    }
    return false;
}

/* Is this rule in the group that is asked: the blocks, those of an ident, or the rest?
 */
static bool
in_group(const struct pn_small_rule *rule, bool block, const char *ident)
{
    if (rule->block != block || !rule->ident != !ident)
        return false;
    return !ident || strcmp(rule->ident, ident) == 0;
}

/* Of those that match at the first step that has any: the longest, then the first. */
static int
first_of_group(const struct pn_small_rule *rules, size_t count,
               const struct pn_small_query *q, bool block, const char *ident)
{
    static const enum pn_small_kind ladder[] = { PN_SMALL_ADDRESS,  PN_SMALL_HOST,
                                                 PN_SMALL_PREFIX,   PN_SMALL_SUFFIX,
                                                 PN_SMALL_ANY_HOST, PN_SMALL_DEFAULT };

    for (size_t step = 0; step < PN_COUNT_OF(ladder); step++) {
        int best = -1;

        for (size_t i = 0; i < count; i++) {
            size_t length = rules[i].kind == PN_SMALL_PREFIX ? rules[i].length
                                                             : strlen(rules[i].host);

            if (rules[i].kind != ladder[step] || !in_group(&rules[i], block, ident) ||
                !pn_small_matches(&rules[i], q))
                continue;
            if (best < 0 ||
                (ladder[step] == PN_SMALL_PREFIX && length > rules[best].length) ||
                (ladder[step] == PN_SMALL_SUFFIX && length > strlen(rules[best].host)))
                best = (int)i;
        }
        if (best >= 0)
            return best;
    }
    return -1;
}

size_t
pn_small_decide(const struct pn_small_rule *rules, size_t count,
                const struct pn_small_query *q)
{
    int found = first_of_group(rules, count, q, true, NULL);

    if (found < 0 && q->ident)
        found = first_of_group(rules, count, q, false, q->ident);
    return (size_t)(found >= 0 ? found : first_of_group(rules, count, q, false, NULL));
}

size_t
pn_small_policy(uint64_t *seed, struct pn_small_rule *rules, struct pn_buffer *text)
{
    size_t count = pick(seed, PN_SMALL_RULES_MAX) + 1;
    struct pn_buffer sets = { 0 };

    text->size = 0;
    pn_buffer_add_text(text, "postern: 1\n");
    for (size_t i = 0; i < count; i++) {
        make_rule(seed, &rules[i]);
        print_rule(seed, text, &sets, &rules[i], i);
    }
    rules[count] = (struct pn_small_rule){ .kind = PN_SMALL_DEFAULT,
                                           .host = "",
                                           .deny = pick(seed, 2),
                                           .value = pick(seed, 3) };
    print_rule(seed, text, &sets, &rules[count], count);
    pn_buffer_add(text, sets.bytes, sets.size);
    pn_buffer_free(&sets);
    return count + 1;
}

/* One to three elements with one verdict, and no holes. */
static size_t
make_set(uint64_t *seed, struct pn_small_rule *rules, size_t room)
{
    size_t count = 1 + pick(seed, room < 3 ? (unsigned)room : 3);

    for (size_t i = 0; i < count; i++) {
        do
            make_rule(seed, &rules[i]);
        while (rules[i].kind == PN_SMALL_DEFAULT);
        rules[i].hole = false;
        rules[i].named = true;
        rules[i].ident = rules[0].ident;
        rules[i].deny = rules[0].deny;
        rules[i].block = rules[0].block;
        rules[i].value = rules[0].value;
    }
    return count;
}

static void
print_set(uint64_t *seed, struct pn_buffer *text, struct pn_buffer *sets,
          const struct pn_small_rule *rules, size_t count, size_t number)
{
    if (rules->ident)
        pn_buffer_add_format(text, *rules->ident ? "%s@" : "\"%s\"@", rules->ident);
    pn_buffer_add_format(text, "$s%zu", number);
    pn_buffer_add_text(text, rules->block  ? " : block"
                             : rules->deny ? " : deny"
                                           : " : allow");
    if (rules->value)
        pn_buffer_add_format(text, ", V=\"%u\"", rules->value);
    pn_buffer_add_text(text, "\n");
    pn_buffer_add_format(sets, "set s%zu = {\n", number);
    for (size_t i = 0; i < count; i++) {
        print_target(seed, sets, &rules[i]);
        pn_buffer_add_text(sets, "\n");
    }
    pn_buffer_add_text(sets, "}\n");
}

size_t
pn_small_set_policy(uint64_t *seed, struct pn_small_rule *rules, size_t *targets,
                    struct pn_buffer *text)
{
    size_t count = 0, number = 0, room = pick(seed, PN_SMALL_RULES_MAX) + 1;
    struct pn_buffer sets = { 0 };

    text->size = 0;
    pn_buffer_add_text(text, "postern: 1\n");
    while (count < room) {
        size_t made = make_set(seed, &rules[count], room - count);

        print_set(seed, text, &sets, &rules[count], made, number);
        for (size_t i = 0; i < made; i++)
            targets[count++] = number;
        number++;
    }
    rules[count] = (struct pn_small_rule){ .kind = PN_SMALL_DEFAULT,
                                           .host = "",
                                           .deny = pick(seed, 2),
                                           .value = pick(seed, 3) };
    print_rule(seed, text, &sets, &rules[count], number);
    targets[count++] = number;
    pn_buffer_add(text, sets.bytes, sets.size);
    pn_buffer_free(&sets);
    return count;
}

void
pn_small_address(char *text, int family, unsigned address)
{
    if (address == PN_SMALL_GAP)
        snprintf(text, 64, "%s", family == 4 ? "9.9.9.9" : "2a00::9");
    else
        snprintf(text, 64, "%s%u", family == 4 ? "10.0.0." : "2001:db8::", address);
}

void
pn_test_each_policy(uint64_t *seed, int count, pn_small_world_fn check, void *payload)
{
    struct pn_small_world world = { .count = 0 };

    for (int n = 0; n < count; n++) {
        world.count = pn_small_policy(seed, world.rules, &world.text);
        pn_buffer_add(&world.text, "", 1);
        assert_false(world.text.failed);
        world.text.size--;
        check(payload, &world);
    }
    pn_buffer_free(&world.text);
}
