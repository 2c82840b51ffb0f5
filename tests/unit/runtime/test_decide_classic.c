/* runtime/match and explain: the ladder on classic images */
#include "tests/support/harness.h"

#include <stdlib.h>

#define RULES                                                                  \
    "joe@10.1.2.3:allow,S=\"1\"\njoe@=mx.example.org:allow,S=\"2\"\n"          \
    "10.1.2.3:allow,S=\"3\"\n=mx.example.org:allow,S=\"4\"\n"                  \
    "10.1.:allow,S=\"5\"\n10.:deny\n=.example.org:deny,S=\"6\"\n=.org:allow\n" \
    "2001:db8::allow,S=\"7\"\n@10.9.9.9:allow,S=\"8\"\n=:allow,S=\"9\"\n"      \
    ":deny,S=\"10\"\n"

static const struct {
    const char *label, *address, *host, *ident;
    uint8_t verdict, step, ident_rule;
    const char *env; /* of S; NULL when there is none */
} queries[] = {
    { "ident at address", "10.1.2.3", NULL, "joe", 1, POSTERN_STEP_ADDRESS, 1, "1" },
    { "ident at host", "9.9.9.9", "mx.example.org", "joe", 1, POSTERN_STEP_HOST, 1,
      "2" },
    { "address before host", "10.1.2.3", "mx.example.org", NULL, 1,
      POSTERN_STEP_ADDRESS, 0, "3" },
    { "host before prefix", "10.1.9.9", "mx.example.org", "bob", 1, POSTERN_STEP_HOST,
      0, "4" },
    { "longest prefix", "10.1.9.9", NULL, NULL, 1, POSTERN_STEP_PREFIX, 0, "5" },
    { "shorter prefix", "10.2.9.9", NULL, NULL, 0, POSTERN_STEP_PREFIX, 0, NULL },
    { "prefix before suffix", "10.2.9.9", "a.example.org", NULL, 0, POSTERN_STEP_PREFIX,
      0, NULL },
    { "longest suffix", "9.9.9.9", "a.example.org", NULL, 0, POSTERN_STEP_SUFFIX, 0,
      NULL },
    { "shorter suffix", "9.9.9.9", "a.other.org", NULL, 1, POSTERN_STEP_SUFFIX, 0,
      NULL },
    { "a suffix does not match its own name", "9.9.9.9", "org", NULL, 1,
      POSTERN_STEP_ANY_HOST, 0, "9" },
    { "IPv6 prefix", "2001:db8::77", NULL, NULL, 1, POSTERN_STEP_PREFIX, 0, "7" },
    { "an empty ident is an ident", "10.9.9.9", NULL, "", 1, POSTERN_STEP_ADDRESS, 1,
      "8" },
    { "an absent ident is none", "10.9.9.9", NULL, NULL, 0, POSTERN_STEP_PREFIX, 0,
      NULL },
    { "an empty host is a host", "9.9.9.9", "", NULL, 1, POSTERN_STEP_HOST, 0, "9" },
    { "capitals are not folded", "9.9.9.9", "MX.EXAMPLE.ORG", NULL, 1,
      POSTERN_STEP_ANY_HOST, 0, "9" },
    { "the default", "9.9.9.9", NULL, NULL, 0, POSTERN_STEP_DEFAULT, 0, NULL },
};

static void
the_first_step_with_a_rule_decides(void **state)
{
    struct postern_rules *rules = pn_test_rules(RULES, sizeof(RULES) - 1);

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(queries); i++) {
        struct postern_decision d = pn_test_decide(rules, queries[i].address,
                                                   queries[i].host, queries[i].ident);
        struct postern_env env = { { NULL, 0 }, { NULL, 0 }, NULL };
        bool has_env = postern_env_next(&d.env, &env);

        if (d.verdict != queries[i].verdict || d.step != queries[i].step ||
            d.ident_rule != queries[i].ident_rule ||
            has_env != (queries[i].env != NULL) ||
            (has_env && strncmp(env.value.ptr, queries[i].env, env.value.len) != 0))
            fail_msg("%s: verdict %u, step %s", queries[i].label, d.verdict,
                     postern_step_text(d.step));
    }
    postern_rules_close(rules);
}

static void
nothing_that_matches_allows(void **state)
{
    struct postern_rules *rules = pn_test_rules("10.:deny\n", 9);
    struct postern_decision d = pn_test_decide(rules, "9.9.9.9", "h", "i");

    (void)state;
    assert_int_equal(d.verdict, POSTERN_ALLOW);
    assert_int_equal(d.step, POSTERN_STEP_NONE);
    assert_int_equal(d.rule, POSTERN_RULE_NONE);
    assert_false(postern_env_next(&d.env, &(struct postern_env){ 0 }));
    postern_rules_close(rules);
}

struct trail {
    char text[512];
    size_t len, found;
};

static void
record(void *payload, const struct postern_trace_event *event)
{
    struct trail *trail = payload;

    memcpy(trail->text + trail->len, event->key.ptr, event->key.len);
    trail->len += event->key.len;
    trail->text[trail->len++] = event->ident_rule ? '!' : '|';
    trail->text[trail->len] = '\0';
    trail->found += event->found;
}

static void
a_trace_tells_every_key_in_order(void **state)
{
    struct postern_rules *rules = pn_test_rules("=.c:deny\n", 9);
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct trail trail = { .len = 0 };

    (void)state;
    assert_true(postern_addr_parse("1.2.3.4", 7, &query.remote));
    query.host = POSTERN_STR("a.b.c");
    query.ident = POSTERN_STR("j");
    assert_int_equal(postern_rules_trace(rules, &query, record, &trail, &d),
                     POSTERN_OK);
    assert_string_equal(trail.text,
                        "j@1.2.3.4!j@=a.b.c!1.2.3.4|=a.b.c|1.2.3.|1.2.|1.|=.b.c|=.c|");
    assert_int_equal(trail.found, 1);
    trail = (struct trail){ .len = 0 };
    query.host = POSTERN_STR(".x..");
    query.ident = (struct postern_str){ NULL, 0 };
    assert_int_equal(postern_rules_trace(rules, &query, record, &trail, &d),
                     POSTERN_OK);
    assert_string_equal(trail.text, "1.2.3.4|=.x..|1.2.3.|1.2.|1.|=.x..|=..|=.|=||");
    assert_int_equal(trail.found, 0);
    postern_rules_close(rules);
}

static void
bytes_are_looked_up_by_their_canonical_text(void **state)
{
    struct postern_rules *rules = pn_test_rules("2001:db8::7:deny\n", 17);
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;

    (void)state;
    assert_true(postern_addr_parse("2001:0DB8:0:0::7", 16, &query.remote));
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    assert_int_equal(d.verdict, POSTERN_DENY);
    query.remote_text = POSTERN_STR("2001:0DB8:0:0::7");
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    assert_int_equal(d.verdict, POSTERN_ALLOW);
    postern_rules_close(rules);
}

static void
arguments_that_cannot_be_used_leave_the_decision_alone(void **state)
{
    struct postern_rules *rules = pn_test_rules(":allow\n", 7);
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    char *long_host = malloc(100000), *scratch = malloc(100015);

    (void)state;
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    query.remote_text = POSTERN_STR("1.2.3.4");
    query.struct_size--;
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    query.struct_size++;
    d.struct_size = 4;
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    d.struct_size = sizeof(d);
    memset(long_host, 'h', 100000);
    query.host = (struct postern_str){ long_host, 100000 };
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    query.scratch = scratch;
    query.scratch_size = 100014;
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    query.scratch_size = 100015;
    assert_int_equal(d.verdict, POSTERN_DENY);
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    assert_int_equal(d.step, POSTERN_STEP_DEFAULT);
    assert_int_equal(postern_rules_origin(rules, POSTERN_RULE_NONE, &origin),
                     POSTERN_E_ARG);
    assert_int_equal(postern_rules_origin(rules, 5, &origin), POSTERN_E_ARG);
    assert_int_equal(postern_rules_origin(rules, d.rule, &origin), POSTERN_OK);
    assert_int_equal(origin.target.len, 0);
    assert_int_equal(origin.line, 0);
    free(long_host);
    free(scratch);
    postern_rules_close(rules);
}

static void
texts_as_long_as_the_limit_need_no_scratch(void **state)
{
    struct postern_rules *rules = pn_test_rules("=:deny\n", 7);
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;
    char host[POSTERN_TEXT_MAX];

    (void)state;
    memset(host, '.', sizeof(host));
    query.remote_text = POSTERN_STR("1.2.3.4");
    query.ident = POSTERN_STR("joe");
    query.host = (struct postern_str){ host, POSTERN_TEXT_MAX - 10 };
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    assert_int_equal(d.step, POSTERN_STEP_ANY_HOST);
    query.host.len++;
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    postern_rules_close(rules);
}

static void
an_environment_is_walked_in_order_and_stops_at_a_denial(void **state)
{
    static const char text[] =
        ":allow,A=\"1\",B=\"\",A=\"x=y\",N=\"a\0b\"\n10.:deny,C=\"c\"\n";
    struct postern_rules *rules = pn_test_rules(text, sizeof(text) - 1);
    struct postern_decision d = pn_test_decide(rules, "9.9.9.9", NULL, NULL);
    static const char *const want[] = { "A=1", "B=", "A=x=y", "N=a" };
    struct postern_env env;

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(want); i++) {
        assert_true(postern_env_next(&d.env, &env));
        assert_string_equal(env.assignment, want[i]);
        assert_int_equal(env.name.len, 1);
        assert_int_equal(env.value.len, strlen(want[i]) - 2);
    }
    assert_false(postern_env_next(&d.env, &env));
    d = pn_test_decide(rules, "10.9.9.9", NULL, NULL);
    assert_false(postern_env_next(&d.env, &env));
    postern_rules_close(rules);
}

static void
lengths_that_wrap_are_refused(void **state)
{
    struct postern_rules *rules = pn_test_rules(":allow\n", 7);
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;

    (void)state;
    query.remote_text = POSTERN_STR("1.2.3.4");
    query.host = (struct postern_str){ "h", SIZE_MAX - 3 };
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    query.host.len = SIZE_MAX - 8;
    query.ident = (struct postern_str){ "i", 9 };
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_ARG);
    postern_rules_close(rules);
}

static void
a_file_tells_about_itself_to_whoever_has_room(void **state)
{
    struct postern_rules *rules = pn_test_rules("1.2.3-4:allow\n", 14);
    struct postern_info info = POSTERN_INFO_INIT;
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    (void)state;
    assert_int_equal(postern_rules_info(rules, &info), POSTERN_OK);
    assert_int_equal(info.records, 2);
    info.struct_size--;
    assert_int_equal(postern_rules_info(rules, &info), POSTERN_E_ARG);
    origin.struct_size--;
    assert_int_equal(postern_rules_origin(rules, 2048, &origin), POSTERN_E_ARG);
    postern_rules_close(rules);
}

static void
statuses_and_steps_have_words(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(postern_step_text((enum postern_step)i),
                                    postern_step_text((enum postern_step)k));
            if (i <= POSTERN_E_VERSION)
                assert_string_not_equal(postern_status_text((enum postern_status)i),
                                        postern_status_text((enum postern_status)k));
        }
    assert_string_equal(postern_step_text((enum postern_step)8), "unknown");
    assert_string_equal(postern_status_text((enum postern_status)99),
                        "an unknown status");
    assert_int_equal(strspn(postern_version(), "0123456789."),
                     strlen(postern_version()));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_step_with_a_rule_decides),
        cmocka_unit_test(nothing_that_matches_allows),
        cmocka_unit_test(a_trace_tells_every_key_in_order),
        cmocka_unit_test(bytes_are_looked_up_by_their_canonical_text),
        cmocka_unit_test(arguments_that_cannot_be_used_leave_the_decision_alone),
        cmocka_unit_test(texts_as_long_as_the_limit_need_no_scratch),
        cmocka_unit_test(an_environment_is_walked_in_order_and_stops_at_a_denial),
        cmocka_unit_test(lengths_that_wrap_are_refused),
        cmocka_unit_test(a_file_tells_about_itself_to_whoever_has_room),
        cmocka_unit_test(statuses_and_steps_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
