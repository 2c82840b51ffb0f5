/* The matcher against the slow oracle, on random rules and queries from a small world.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "tests/support/oracle.h"
#include "tests/support/random.h"

enum { ROUNDS = 3000, RULES_MAX = 12, QUERIES = 40 };

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

static const char *const addresses[] = { "1.1.1.1", "1.1.1.2", "1.1.2.1", "1.2.1.1",
                                         "::1",     "a:b::1",  "a:b::",   "1.1." };
static const char *const prefixes[] = { "1.1.1.", "1.1.",  "1.", "a:",
                                        "a:b:",   "a:b::", ":",  "::" };
static const char *const hosts[] = { "a.b.c", "b.c", "c", "x.b.c", "", ".c", "a..c" };
static const char *const suffixes[] = { ".b.c", ".c", "..c", ".", "" };
static const char *const idents[] = { "j", "", "j@k" };

#define ANY(list) (list)[pick(PN_COUNT_OF(list))]

static void
make_key(char *key)
{
    const char *ident = "", *at = "", *sign = "", *rest = "";

    if (pick(4) == 0) {
        ident = ANY(idents);
        at = "@";
    }
    switch (pick(5)) {
    case 0:
    case 1:
        rest = ANY(addresses);
        break;
    case 2:
        rest = ANY(prefixes);
        break;
    case 3:
        sign = "=";
        rest = pick(2) ? ANY(hosts) : ANY(suffixes);
        break;
    default:
        break;
    }
    snprintf(key, PN_ORACLE_TEXT, "%s%s%s%s", ident, at, sign, rest);
}

static size_t
make_rules(struct pn_oracle_rule *rules, struct pn_buffer *text)
{
    size_t count = pick(RULES_MAX) + 1;

    text->size = 0;
    for (size_t i = 0; i < count; i++) {
        make_key(rules[i].key);
        rules[i].deny = pick(2);
        pn_buffer_add_format(text, "%s:%s,N=\"%zu\"\n", rules[i].key,
                             rules[i].deny ? "deny" : "allow", i);
    }
    return count;
}

static void
check_query(const struct postern_rules *image, const struct pn_oracle_rule *rules,
            size_t count, const char *text)
{
    struct pn_oracle_query q = { .address = ANY(addresses) };
    struct postern_decision d;
    bool deny = false;
    int want;

    if (pick(2))
        q.host = ANY(hosts);
    if (pick(2))
        q.ident = ANY(idents);
    want = pn_oracle_decide(rules, count, q);
    d = pn_test_decide(image, q.address, q.host, q.ident);
    if (want >= 0) {
        struct postern_origin origin = POSTERN_ORIGIN_INIT;

        deny = rules[want].deny;
        assert_int_equal(postern_rules_origin(image, d.rule, &origin), POSTERN_OK);
        if (origin.target.len != strlen(rules[want].key) ||
            memcmp(origin.target.ptr, rules[want].key, origin.target.len) != 0)
            fail_msg("%s\n%s@%s =%s: by %.*s", text, q.ident, q.address, q.host,
                     (int)origin.target.len, origin.target.ptr);
    }
    if (d.verdict != (deny ? POSTERN_DENY : POSTERN_ALLOW) ||
        (want < 0) != (d.rule == POSTERN_RULE_NONE))
        fail_msg("%s\n%s@%s =%s: verdict %u, rule %d", text, q.ident, q.address, q.host,
                 d.verdict, want);
}

static void
the_matcher_agrees_with_the_oracle(void **state)
{
    struct pn_oracle_rule rules[RULES_MAX];
    struct pn_buffer text = { 0 };

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = make_rules(rules, &text);
        struct postern_rules *image = pn_test_rules(text.bytes, text.size);

        pn_buffer_add(&text, "", 1);
        for (int i = 0; i < QUERIES; i++)
            check_query(image, rules, count, text.bytes);
        postern_rules_close(image);
    }
    pn_buffer_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_matcher_agrees_with_the_oracle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
