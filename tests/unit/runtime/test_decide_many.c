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

struct many {
    struct postern_query queries[MANY];
    struct postern_decision out[MANY];
    const struct postern_query *asked[MANY];
    struct postern_decision *told[MANY];
};

/* Queries of all kinds, in another order for each count. */
static void
many_make(struct many *many, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        many->queries[i] = query_of((i + count) % PN_COUNT_OF(kinds), i % 2);
        many->out[i] = (struct postern_decision)POSTERN_DECISION_INIT;
        many->asked[i] = &many->queries[i];
        many->told[i] = &many->out[i];
    }
}

static void
check_many(const char *text, size_t size)
{
    struct postern_rules *rules = pn_test_rules(text, size);

    for (size_t count = 0; count <= MANY; count += count < 70 ? 1 : 13) {
        struct many many;
        size_t decided = 99;

        many_make(&many, count);
        assert_int_equal(
            postern_rules_decide_many(rules, many.asked, count, many.told, &decided),
            POSTERN_OK);
        assert_int_equal(decided, count);
        for (size_t i = 0; i < count; i++) {
            struct postern_decision want = POSTERN_DECISION_INIT;

            assert_int_equal(postern_rules_decide(rules, &many.queries[i], &want),
                             POSTERN_OK);
            assert_memory_equal(&many.out[i], &want, sizeof(want));
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
    struct many many;
    size_t decided;

    (void)state;
    memset(long_host, 'a', sizeof(long_host));
    for (size_t at = 0; at < MANY; at += 7) {
        many_make(&many, MANY);
        many.queries[at].host = (struct postern_str){ long_host, sizeof(long_host) };
        assert_int_equal(
            postern_rules_decide_many(rules, many.asked, MANY, many.told, &decided),
            POSTERN_E_ARG);
        assert_int_equal(decided, at);
    }
    postern_rules_close(rules);
}

/* Structs of programs from before a decision had several limits, and of no version. */
static void
structs_of_every_version_are_served(void **state)
{
    struct postern_rules *rules = pn_test_rules(POLICY, sizeof(POLICY) - 1);
    struct postern_query query = query_of(0, true);
    struct postern_decision one = POSTERN_DECISION_INIT;
    const struct postern_query *queries[] = { &query, &query };
    struct postern_decision old = POSTERN_DECISION_INIT, *out[] = { &one, &old };
    size_t decided;

    (void)state;
    old.struct_size = offsetof(struct postern_decision, more_limits);
    assert_int_equal(postern_rules_decide_many(rules, queries, 2, out, &decided),
                     POSTERN_OK);
    assert_int_equal(decided, 2);
    assert_int_equal(old.limit.n, 3);
    old.struct_size = 8;
    assert_int_equal(postern_rules_decide_many(rules, queries, 2, out, &decided),
                     POSTERN_E_ARG);
    assert_int_equal(decided, 1);
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
        cmocka_unit_test(structs_of_every_version_are_served),
        cmocka_unit_test(the_best_way_that_a_processor_has_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
