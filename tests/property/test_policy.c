/*
 * Native images against a slow oracle: random policies of every kind of target over a
 * few addresses, hosts and idents, each decided for every query that can tell rules
 * apart.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "tests/support/random.h"

enum { POLICIES = 10000, RULES_MAX = 9, ADDRESSES = 8 };

static uint64_t seed = UINT64_C(0x853c49e6748fea9b);

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

enum kind { ADDRESS, PREFIX, HOST, SUFFIX, ANY_HOST, DEFAULT };

/* A rule of one target. Addresses are eight of each family, by their last three bits.
 */
struct rule {
    enum kind kind;
    const char *ident; /* NULL: none */
    const char *host;  /* or the suffix, with its dot */
    int family;
    unsigned first, last, length; /* of the last three bits: 0 to 3 */
    bool hole;
    unsigned hole_first, hole_last; /* except these */
    bool named;                     /* written as a set */
    bool deny, block;
};

struct query {
    int family;
    unsigned address;
    const char *host, *ident;
};

static const char *const hosts[] = { "a.b", "b", "x.a.b", "c" };
static const char *const suffixes[] = { ".b", ".a.b", ".c" };
static const char *const idents[] = { "j", "", "k" };

#define ANY(list) (list)[pick(PN_COUNT_OF(list))]

static void
make_rule(struct rule *rule)
{
    *rule = (struct rule){ .kind = (enum kind)pick(6), .deny = pick(2) };
    rule->block = pick(6) == 0 && rule->kind != DEFAULT;
    if (!rule->block && pick(3) == 0)
        rule->ident = ANY(idents);
    rule->family = pick(2) ? 4 : 6;
    rule->length = rule->kind == ADDRESS ? 3 : pick(4);
    rule->first = pick(ADDRESSES) & ~((1u << (3 - rule->length)) - 1);
    rule->last = rule->first | ((1u << (3 - rule->length)) - 1);
    rule->hole = rule->kind <= PREFIX && !rule->ident && pick(3) == 0;
    rule->hole_first = pick(ADDRESSES);
    rule->hole_last = rule->hole_first + pick(ADDRESSES - rule->hole_first);
    rule->named = rule->kind < DEFAULT && pick(4) == 0;
    rule->host = rule->kind == HOST ? ANY(hosts) : ANY(suffixes);
}

static void
print_target(struct pn_buffer *text, const struct rule *rule)
{
    const char *net = rule->family == 4 ? "10.0.0." : "2001:db8::";

    if (rule->kind == ADDRESS)
        pn_buffer_add_format(text, "%s%u", net, rule->first);
    else if (rule->kind == PREFIX && pick(2))
        pn_buffer_add_format(text, "%s%u-%s%u", net, rule->first, net, rule->last);
    else if (rule->kind == PREFIX)
        pn_buffer_add_format(text, "%s%u/%u", net, rule->first,
                             (rule->family == 4 ? 29 : 125) + rule->length);
    else if (rule->kind == HOST || rule->kind == SUFFIX)
        pn_buffer_add_format(text, "=%s", rule->host);
    else
        pn_buffer_add_text(text, rule->kind == ANY_HOST ? "=" : "*");
}

static void
print_hole(struct pn_buffer *text, const struct rule *rule)
{
    const char *net = rule->family == 4 ? "10.0.0." : "2001:db8::";

    if (rule->hole)
        pn_buffer_add_format(text, " except %s%u-%s%u", net, rule->hole_first, net,
                             rule->hole_last);
}

/* A rule is a line; the definition of its set, if it has one, stands at the end. */
static void
print_rule(struct pn_buffer *text, struct pn_buffer *sets, const struct rule *rule,
           size_t number)
{
    bool inside = pick(2); /* the hole may be the set's or the rule's */

    if (rule->ident)
        pn_buffer_add_format(text, *rule->ident ? "%s@" : "\"%s\"@", rule->ident);
    if (rule->named) {
        pn_buffer_add_format(text, "$s%zu", number);
        pn_buffer_add_format(sets, "set s%zu = {\n", number);
        print_target(sets, rule);
        pn_buffer_add_text(sets, "\n}");
        if (inside)
            print_hole(sets, rule);
        pn_buffer_add_text(sets, "\n");
    } else {
        print_target(text, rule);
    }
    if (!rule->named || !inside)
        print_hole(text, rule);
    pn_buffer_add_text(text, rule->block  ? " : block\n"
                             : rule->deny ? " : deny\n"
                                          : " : allow\n");
}

static bool
ends_with(const char *text, const char *end)
{
    size_t text_len = strlen(text), end_len = strlen(end);

    return text_len >= end_len && strcmp(text + text_len - end_len, end) == 0;
}

static bool
matches(const struct rule *rule, const struct query *q)
{
    switch (rule->kind) {
    case ADDRESS:
    case PREFIX:
        return rule->family == q->family && q->address >= rule->first &&
               q->address <= rule->last &&
               !(rule->hole && q->address >= rule->hole_first &&
                 q->address <= rule->hole_last);
    case HOST:
        return q->host && strcmp(rule->host, q->host) == 0;
    case SUFFIX:
        return q->host && ends_with(q->host, rule->host);
    case ANY_HOST:
        return q->host != NULL;
    case DEFAULT:
        return true;
    }
    return false;
}

/* Is this rule in the group that is asked: the blocks, those of an ident, or the rest?
 */
static bool
in_group(const struct rule *rule, bool block, const char *ident)
{
    if (rule->block != block || !rule->ident != !ident)
        return false;
    return !ident || strcmp(rule->ident, ident) == 0;
}

/* Of those that match at the first step that has any: the longest, then the first. */
static int
first_of_group(const struct rule *rules, size_t count, const struct query *q,
               bool block, const char *ident)
{
    static const enum kind ladder[] = {
        ADDRESS, HOST, PREFIX, SUFFIX, ANY_HOST, DEFAULT
    };

    for (size_t step = 0; step < PN_COUNT_OF(ladder); step++) {
        int best = -1;

        for (size_t i = 0; i < count; i++) {
            size_t length =
                rules[i].kind == PREFIX ? rules[i].length : strlen(rules[i].host);

            if (rules[i].kind != ladder[step] || !in_group(&rules[i], block, ident) ||
                !matches(&rules[i], q))
                continue;
            if (best < 0 || (ladder[step] == PREFIX && length > rules[best].length) ||
                (ladder[step] == SUFFIX && length > strlen(rules[best].host)))
                best = (int)i;
        }
        if (best >= 0)
            return best;
    }
    return -1;
}

static int
oracle(const struct rule *rules, size_t count, const struct query *q)
{
    int found = first_of_group(rules, count, q, true, NULL);

    if (found < 0 && q->ident)
        found = first_of_group(rules, count, q, false, q->ident);
    return found >= 0 ? found : first_of_group(rules, count, q, false, NULL);
}

static void
check_query(const struct postern_rules *image, const struct rule *rules, size_t count,
            const struct query *q, const char *text)
{
    static const uint8_t steps[] = { POSTERN_STEP_ADDRESS,  POSTERN_STEP_PREFIX,
                                     POSTERN_STEP_HOST,     POSTERN_STEP_SUFFIX,
                                     POSTERN_STEP_ANY_HOST, POSTERN_STEP_DEFAULT };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    int want = oracle(rules, count, q);
    const struct rule *rule = &rules[want];
    struct postern_decision d;
    char address[64];

    snprintf(address, sizeof(address), "%s%u",
             q->family == 4 ? "10.0.0." : "2001:db8::", q->address);
    d = pn_test_decide(image, address, q->host, q->ident);
    assert_int_equal(postern_rules_origin(image, d.rule, &origin), POSTERN_OK);
    if (origin.line != (uint32_t)want + 2 ||
        d.verdict != (rule->deny || rule->block ? POSTERN_DENY : POSTERN_ALLOW) ||
        d.step != (rule->block ? POSTERN_STEP_BLOCK : steps[rule->kind]) ||
        d.ident_rule != (rule->ident != NULL))
        fail_msg("%s%s@%s =%s: line %u, step %s, for line %d", text,
                 q->ident ? q->ident : "(none)", address, q->host ? q->host : "(none)",
                 origin.line, postern_step_text(d.step), want + 2);
}

/* Every address, host and ident there is, each with none too, and one that no rule
 * names. */
static void
check_policy(const struct postern_rules *image, const struct rule *rules, size_t count,
             const char *text)
{
    static const char *const asked_hosts[] = { NULL, "a.b", "b", "x.a.b",
                                               "c",  "y.c", "z" };
    static const char *const asked_idents[] = { NULL, "j", "", "other" };

    for (unsigned n = 0; n < 2 * ADDRESSES; n++)
        for (size_t h = 0; h < PN_COUNT_OF(asked_hosts); h++)
            for (size_t i = 0; i < PN_COUNT_OF(asked_idents); i++) {
                struct query q = { n % 2 ? 4 : 6, n / 2, asked_hosts[h],
                                   asked_idents[i] };
                check_query(image, rules, count, &q, text);
            }
}

static void
native_images_agree_with_the_oracle(void **state)
{
    struct pn_buffer text = { 0 }, sets = { 0 };

    (void)state;
    for (int n = 0; n < POLICIES; n++) {
        struct rule rules[RULES_MAX + 1];
        size_t count = pick(RULES_MAX) + 1;
        struct postern_rules *image;

        text.size = sets.size = 0;
        pn_buffer_add_text(&text, "postern: 1\n");
        for (size_t i = 0; i < count; i++) {
            make_rule(&rules[i]);
            print_rule(&text, &sets, &rules[i], i);
        }
        rules[count] = (struct rule){ .kind = DEFAULT, .host = "", .deny = true };
        print_rule(&text, &sets, &rules[count], count);
        count++;
        pn_buffer_add(&text, sets.bytes, sets.size);
        image = pn_test_rules(text.bytes, text.size);
        pn_buffer_add(&text, "", 1);
        check_policy(image, rules, count, text.bytes);
        postern_rules_close(image);
    }
    pn_buffer_free(&text);
    pn_buffer_free(&sets);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_images_agree_with_the_oracle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
