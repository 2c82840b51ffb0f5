/* runtime/decide_many: whole queries at once, and where one cannot be decided */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "runtime/batch.h"

#define POLICY                                                                  \
    "postern: 1\n10.0.0.0/8 : allow, N=\"1\", limit 3\n2001:db8::/32 : allow\n" \
    "joe@10.0.0.0/8 : deny\n=.example.org : allow\n10.9.0.0/16 : deny, reject " \
    "\"no\"\n"                                                                  \
    "* : deny\n"
#define CLASSIC "10.1.:allow,N=\"1\"\n=.example.org:allow\n:deny\n"

enum { MANY = 200 };

static const struct {
    const char *address, *host, *ident;
} kinds[] = { { "10.1.2.3", NULL, NULL },     { "10.9.2.3", NULL, NULL },
              { "2001:db8::7", NULL, NULL },  { "10.1.2.3", NULL, "joe" },
              { "192.0.2.1", NULL, NULL },    { "192.0.2.1", "a.example.org", NULL },
              { "no address", NULL, NULL },   { "2001:db9::7", NULL, NULL },
              { "192.0.2.1", "other", "joe" } };

static struct postern_query
query_of(size_t number, bool by_bytes)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    const char *address = kinds[number].address;

    query.remote_text = (struct postern_str){ address, strlen(address) };
    if (by_bytes)
        (void)postern_addr_parse(address, strlen(address), &query.remote);
    if (kinds[number].host)
        query.host =
            (struct postern_str){ kinds[number].host, strlen(kinds[number].host) };
    if (kinds[number].ident)
        query.ident =
            (struct postern_str){ kinds[number].ident, strlen(kinds[number].ident) };
    return query;
}

static void
check_many(const char *text, size_t size)
{
    struct postern_rules *rules = pn_test_rules(text, size);

    for (size_t count = 0; count <= MANY; count += count < 70 ? 1 : 13) {
        struct postern_query queries[MANY];
        struct postern_decision out[MANY];
        size_t decided = 99;

        for (size_t i = 0; i < count; i++) {
            queries[i] = query_of((i + count) % PN_COUNT_OF(kinds), i % 2);
            out[i] = (struct postern_decision)POSTERN_DECISION_INIT;
        }
        assert_int_equal(
            postern_rules_decide_many(rules, queries, count, out, &decided),
            POSTERN_OK);
        assert_int_equal(decided, count);
        for (size_t i = 0; i < count; i++) {
            struct postern_decision want = POSTERN_DECISION_INIT;

            assert_int_equal(postern_rules_decide(rules, &queries[i], &want),
                             POSTERN_OK);
            assert_memory_equal(&out[i], &want, sizeof(want));
        }
    }
    postern_rules_close(rules);
}

static void
many_queries_are_decided_as_each_alone(void **state)
{
    (void)state;
    check_many(POLICY, sizeof(POLICY) - 1);
    check_many(CLASSIC, sizeof(CLASSIC) - 1);
}

static void
the_first_that_cannot_be_decided_is_told(void **state)
{
    static char long_host[POSTERN_TEXT_MAX + 1];
    struct postern_rules *rules = pn_test_rules(POLICY, sizeof(POLICY) - 1);
    struct postern_query queries[MANY];
    struct postern_decision out[MANY];
    size_t decided;

    (void)state;
    memset(long_host, 'a', sizeof(long_host));
    for (size_t at = 0; at < MANY; at += 7) {
        for (size_t i = 0; i < MANY; i++) {
            queries[i] = query_of(i % PN_COUNT_OF(kinds), true);
            out[i] = (struct postern_decision)POSTERN_DECISION_INIT;
        }
        queries[at].host = (struct postern_str){ long_host, sizeof(long_host) };
        assert_int_equal(postern_rules_decide_many(rules, queries, MANY, out, &decided),
                         POSTERN_E_ARG);
        assert_int_equal(decided, at);
        if (at)
            assert_int_equal(out[0].verdict, POSTERN_ALLOW);
    }
    postern_rules_close(rules);
}

/* Structs of a program from a later version, whose members at the end nobody knows. */
static void
larger_structs_are_stepped_over(void **state)
{
    struct larger {
        struct postern_query query;
        void *more;
    } queries[MANY];
    struct larger_decision {
        struct postern_decision decision;
        void *more;
    } out[MANY];
    struct postern_rules *rules = pn_test_rules(POLICY, sizeof(POLICY) - 1);
    size_t decided;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        queries[i].query = query_of(0, true);
        queries[i].query.struct_size = sizeof(queries[i]);
        out[i].decision = (struct postern_decision)POSTERN_DECISION_INIT;
        out[i].decision.struct_size = sizeof(out[i]);
        out[i].more = rules;
    }
    assert_int_equal(postern_rules_decide_many(rules, &queries[0].query, MANY,
                                               &out[0].decision, &decided),
                     POSTERN_OK);
    assert_int_equal(decided, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(out[i].decision.verdict, POSTERN_ALLOW);
        assert_int_equal(out[i].decision.limit.n, 3);
        assert_ptr_equal(out[i].more, rules);
    }
    queries[5].query.struct_size = 8;
    assert_int_equal(postern_rules_decide_many(rules, &queries[0].query, MANY,
                                               &out[0].decision, &decided),
                     POSTERN_E_ARG);
    assert_int_equal(decided, 0);
    postern_rules_close(rules);
}

static void
the_best_way_that_a_processor_has_is_taken(void **state)
{
    (void)state;
    assert_string_equal(pn_batch_way_for(0)->name, "scalar");
#if defined(__x86_64__)
    assert_string_equal(pn_batch_way_for(PN_BATCH_AVX2)->name, "AVX2");
    assert_string_equal(pn_batch_way_for(PN_BATCH_AVX2 | PN_BATCH_AVX512)->name,
                        "AVX-512");
#endif
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_queries_are_decided_as_each_alone),
        cmocka_unit_test(the_first_that_cannot_be_decided_is_told),
        cmocka_unit_test(larger_structs_are_stepped_over),
        cmocka_unit_test(the_best_way_that_a_processor_has_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
