/* server/shadow: what two decisions differ in */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "counts/counts.h"
#include "server/shadow.h"

static struct postern_rules *
rules_of(const char *right)
{
    char whole[256];
    int size =
        snprintf(whole, sizeof(whole), "postern: 1\n10.0.0.1 : %s\n* : deny\n", right);

    return pn_test_rules(whole, (size_t)size);
}

static const struct {
    const char *live, *shadow;
    unsigned differences;
} rows[] = {
    { "allow", "allow", 0 },
    { "allow", "deny", PN_COUNTS_VERDICT },
    { "deny, reject \"go\"", "deny", 0 },
    { "allow, A=\"1\", B=\"2\"", "allow, B=\"2\", A=\"1\"", 0 },
    { "allow, A=\"1\"", "allow, A=\"2\"", PN_COUNTS_VARIABLES },
    { "allow, A=\"1\"", "allow", PN_COUNTS_VARIABLES },
    { "allow", "allow, A=\"\"", PN_COUNTS_VARIABLES },
    { "allow, A=\"1\"", "allow, A=\"11\"", PN_COUNTS_VARIABLES },
    { "allow, AB=\"1\"", "allow, A=\"1\"", PN_COUNTS_VARIABLES },
    { "allow, limit 5", "allow, limit 6", PN_COUNTS_LIMIT },
    { "allow, limit 5", "allow", PN_COUNTS_LIMIT },
    { "allow, limit 5 per /32,/64", "allow, limit 5", 0 },
    { "allow, limit 5 per /24", "allow, limit 5", PN_COUNTS_LIMIT },
    { "allow, limit 5, limit 50 per /24", "allow, limit 5", PN_COUNTS_LIMIT },
    { "allow, limit 5", "allow, limit 5, limit 50 per /24", PN_COUNTS_LIMIT },
    { "allow, limit 5, limit 50 per /24", "allow, limit 5, limit 51 per /24",
      PN_COUNTS_LIMIT },
    { "allow, limit 5, limit 50 per /24", "allow, limit 5, limit 50 per /24", 0 },
    { "allow, rate 60/min", "allow, rate 60/hour", PN_COUNTS_RATE },
    { "allow, rate 60/min", "allow, rate 60/min per /24", PN_COUNTS_RATE },
    { "allow, rate 60/min", "allow, rate 61/min", PN_COUNTS_RATE },
    { "allow, rate 60/min, limit 1, A=\"1\"", "allow",
      PN_COUNTS_RATE | PN_COUNTS_LIMIT | PN_COUNTS_VARIABLES },
    { "allow, reject \"later\", limit 5", "allow, limit 5", 0 },
    { "allow, penalty 1-9 60", "allow", PN_COUNTS_PENALTY },
    { "allow, penalty 1-9 60", "allow, penalty 1-9 61", PN_COUNTS_PENALTY },
    { "allow, penalty 1-9 60", "allow, penalty 1-8 60", PN_COUNTS_PENALTY },
    { "allow, penalty 255 60", "allow, penalty signal 60", PN_COUNTS_PENALTY },
    { "allow, penalty 1-9 60", "allow, penalty 1-9 60, penalty 10 60",
      PN_COUNTS_PENALTY },
    { "allow, no penalty", "allow", PN_COUNTS_PENALTY },
    { "allow, no penalty", "allow, penalty 1 1", PN_COUNTS_PENALTY },
    { "allow, no penalty", "allow, no penalty", 0 },
    { "allow, penalty 1-9 60", "allow, penalty 5-9 60, penalty 1-4 60", 0 },
    { "allow, penalty 1-9 60", "allow, penalty 5-9 60, penalty 1-4 61",
      PN_COUNTS_PENALTY },
    { "allow, penalty 1 60, limit 2", "allow, limit 3",
      PN_COUNTS_PENALTY | PN_COUNTS_LIMIT },
    { "deny", "deny, penalty 1 60", 0 },
};

static void
decide(const struct postern_rules *rules, struct postern_decision *out)
{
    const struct postern_addr addr = { 4, { 10, 0, 0, 1 } };
    struct postern_query query = POSTERN_QUERY_INIT;

    query.remote = addr;
    *out = (struct postern_decision)POSTERN_DECISION_INIT;
    assert_int_equal(postern_rules_decide(rules, &query, out), POSTERN_OK);
}

static void
two_decisions_differ_in_what_anybody_would_notice(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct postern_rules *live = rules_of(rows[i].live);
        struct postern_rules *shadow = rules_of(rows[i].shadow);
        struct postern_decision a, b;

        decide(live, &a);
        decide(shadow, &b);
        if (srv_shadow_differences(&a, &b) != rows[i].differences ||
            srv_shadow_differences(&b, &a) != rows[i].differences)
            fail_msg("%s, %s: %u", rows[i].live, rows[i].shadow,
                     srv_shadow_differences(&a, &b));
        postern_rules_close(live);
        postern_rules_close(shadow);
    }
}

/* Of two assignments to one name the later counts, as in classic files. */
static void
what_a_name_has_in_the_end_counts(void **state)
{
    static const char first[] = "+A=1\0+B=2\0+A=3";
    static const char second[] = "+B=2\0+A=3";
    static const char third[] = "+A=3\0+B=2\0+A=1";
    struct postern_decision a = POSTERN_DECISION_INIT, b = a, c = a;

    (void)state;
    a.verdict = b.verdict = c.verdict = POSTERN_ALLOW;
    a.env = (struct postern_env_iter){ (const uint8_t *)first,
                                       (const uint8_t *)first + sizeof(first) };
    b.env = (struct postern_env_iter){ (const uint8_t *)second,
                                       (const uint8_t *)second + sizeof(second) };
    c.env = (struct postern_env_iter){ (const uint8_t *)third,
                                       (const uint8_t *)third + sizeof(third) };
    assert_int_equal(srv_shadow_differences(&a, &b), 0);
    assert_int_equal(srv_shadow_differences(&b, &a), 0);
    assert_int_equal(srv_shadow_differences(&a, &c), PN_COUNTS_VARIABLES);
    assert_int_equal(srv_shadow_differences(&c, &b), PN_COUNTS_VARIABLES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_decisions_differ_in_what_anybody_would_notice),
        cmocka_unit_test(what_a_name_has_in_the_end_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
