/* server/penalties: the text of --penalty, and sources beside a slow list of them */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "server/penalties.h"

#define SECOND INT64_C(1000000000)

enum { DAY = 86400, PLACES = 2048 * 8, LONG = 1000 };

static uint32_t flood = 1000000; /* of 10.0.0.0/8 */

static const struct srv_tiers no_tiers = { .count = 0 };

/* Numbers, the same in each run (xorshift). */
static uint32_t
next_random(void)
{
    static uint32_t state = 2463534242;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static struct postern_addr
address_of(const char *text)
{
    struct postern_addr addr;

    assert_true(postern_addr_parse(text, strlen(text), &addr));
    return addr;
}

static void
an_option_is_statuses_and_seconds(void **state)
{
    static const struct {
        const char *text;
        unsigned first, last, seconds; /* seconds 0: it is refused */
    } rows[] = {
        { "1:1", 1, 1, 1 },        { "1-255:86400", 1, 255, DAY },
        { "7-7:600", 7, 7, 600 },  { "signal:60", 256, 256, 60 },
        { "0:1", 0, 0, 0 },        { "256:1", 0, 0, 0 },
        { "5-4:1", 0, 0, 0 },      { "5-:1", 0, 0, 0 },
        { "-5:1", 0, 0, 0 },       { "5-6-7:1", 0, 0, 0 },
        { "5", 0, 0, 0 },          { "5:", 0, 0, 0 },
        { ":5", 0, 0, 0 },         { "", 0, 0, 0 },
        { "5:0", 0, 0, 0 },        { "5:86401", 0, 0, 0 },
        { "5:1s", 0, 0, 0 },       { "signals:1", 0, 0, 0 },
        { "signal-5:1", 0, 0, 0 }, { "000000000000000000000000000001:1", 0, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_penalty_list list = { .count = 0 };
        bool good = srv_penalty_list_parse(rows[i].text, &list);

        if (good != (rows[i].seconds != 0) || list.count != good)
            fail_msg("\"%s\": %d", rows[i].text, good);
        if (good) {
            assert_int_equal(list.of[0].first, rows[i].first);
            assert_int_equal(list.of[0].last, rows[i].last);
            assert_int_equal(list.of[0].seconds, rows[i].seconds);
        }
    }
}

static void
options_do_not_overlap(void **state)
{
    struct srv_penalty_list list = { .count = 0 };

    (void)state;
    assert_true(srv_penalty_list_parse("10-20:1", &list));
    assert_false(srv_penalty_list_parse("20:1", &list));
    assert_false(srv_penalty_list_parse("1-10:1", &list));
    assert_false(srv_penalty_list_parse("1-255:1", &list));
    assert_false(srv_penalty_list_parse("12-13:1", &list));
    assert_true(srv_penalty_list_parse("signal:1", &list));
    assert_false(srv_penalty_list_parse("signal:2", &list));
    for (const char *const *text =
             (const char *const[]){ "1:1", "2:1", "3:1", "4:1", "5:1", "6:1", NULL };
         *text; text++)
        assert_true(srv_penalty_list_parse(*text, &list));
    assert_int_equal(list.count, POSTERN_PENALTIES_MAX);
    assert_false(srv_penalty_list_parse("7:1", &list));
}

/* What waitpid(2) says of an exit, and of a signal. */
static void
a_status_costs_what_its_range_says(void **state)
{
    struct srv_penalty_list list = { .count = 0 };

    (void)state;
    assert_true(srv_penalty_list_parse("1-9:60", &list));
    assert_true(srv_penalty_list_parse("99:5", &list));
    assert_int_equal(srv_penalty_of_status(&list, 0), 0);
    assert_int_equal(srv_penalty_of_status(&list, 1 << 8), 60);
    assert_int_equal(srv_penalty_of_status(&list, 9 << 8), 60);
    assert_int_equal(srv_penalty_of_status(&list, 10 << 8), 0);
    assert_int_equal(srv_penalty_of_status(&list, 99 << 8), 5);
    assert_int_equal(srv_penalty_of_status(&list, 9), 0);
    assert_true(srv_penalty_list_parse("signal:7", &list));
    assert_int_equal(srv_penalty_of_status(&list, 9), 7);
    assert_int_equal(srv_penalty_of_status(&list, 11 | 128), 7); /* with a core */
    assert_int_equal(srv_penalty_of_status(&list, 9 << 8), 60);
}

static void
a_rule_goes_before_the_options(void **state)
{
    static const char text[] = "postern: 1\n10.1. : allow, penalty 7 70\n"
                               "10.2. : allow, no penalty\n* : allow, limit 3\n";
    static const struct {
        const char *address;
        bool exempt;
        uint32_t of_seven, of_eight;
    } rows[] = { { "10.1.1.1", false, 70, 0 },
                 { "10.2.1.1", true, 0, 0 },
                 { "10.3.1.1", false, 8, 8 } };
    struct postern_rules *rules = pn_test_rules(text, sizeof(text) - 1);
    struct srv_penalty_list options = { .count = 0 }, list;

    (void)state;
    assert_true(srv_penalty_list_parse("1-8:8", &options));
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct postern_query query = POSTERN_QUERY_INIT;
        struct postern_decision d = POSTERN_DECISION_INIT;

        query.remote = address_of(rows[i].address);
        assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
        assert_int_equal(srv_penalties_exempt(&d), rows[i].exempt);
        assert_int_equal(srv_penalty_list_of(&d, &options, &list), !rows[i].exempt);
        assert_int_equal(srv_penalty_of_status(&list, 7 << 8), rows[i].of_seven);
        assert_int_equal(srv_penalty_of_status(&list, 8 << 8), rows[i].of_eight);
    }
    postern_rules_close(rules);
}

/* A list of sources that forgets nobody. */
enum { SOURCES = 40, STEPS = 20000 };

struct model {
    struct srv_counter_key source[SOURCES];
    int64_t until[SOURCES];
};

static int64_t
model_of(struct model *model, const struct srv_counter_key *source, int64_t **until)
{
    for (size_t i = 0; i < SOURCES; i++) {
        if (!model->until[i])
            model->source[i] = *source;
        if (srv_counter_key_equal(&model->source[i], source)) {
            *until = &model->until[i];
            return model->until[i];
        }
    }
    fail_msg("%s", "more sources than the model has room for");
    return 0;
}

/* A few addresses that share networks of several lengths. */
static struct postern_addr
random_address(void)
{
    struct postern_addr addr = { 4, { 10, 0, 0, 0 } };

    if (next_random() % 2) {
        addr.bytes[2] = (uint8_t)(next_random() % 2);
        addr.bytes[3] = (uint8_t)(next_random() % 8);
        return addr;
    }
    addr = address_of("2001:db8::");
    addr.bytes[5] = (uint8_t)(next_random() % 2);
    addr.bytes[7] = (uint8_t)(next_random() % 4);
    return addr;
}

/* Penalties add up, are capped and pass, over a clock that is moved by all sorts of
 * times, for sources of all sorts of tiers. */
static void
sources_are_refused_as_a_slow_list_has_it(void **state)
{
    static const char *const tiers_of[] = { NULL, "9", "9/48", "9/24:56,99/20:32",
                                            "1/31:128" };

    (void)state;
    for (size_t t = 0; t < PN_COUNT_OF(tiers_of); t++) {
        struct srv_tiers tiers = no_tiers;
        struct model model = { .until = { 0 } };
        struct srv_penalties penalties;
        uint32_t most = 1 + next_random() % 900;
        int64_t now = 5 * SECOND;

        assert_true(!tiers_of[t] || srv_tiers_parse(tiers_of[t], &tiers));
        srv_penalties_init(&penalties, most, &tiers);
        for (size_t step = 0; step < STEPS; step++) {
            struct postern_addr addr = random_address();
            struct srv_counter_key source = srv_penalties_source(&penalties, &addr);
            int64_t *until = NULL, was = 0, left;

            now += next_random() % 3 ? next_random() % 1000000000
                                     : (int64_t)(next_random() % 200) * SECOND;
            was = model_of(&model, &source, &until);
            left = was > now ? (was - now + SECOND - 1) / SECOND : 0;
            assert_int_equal(srv_penalties_left(&penalties, &source, now), left);
            if (next_random() % 4 == 0) {
                uint32_t seconds = 1 + next_random() % 300;

                srv_penalties_add(&penalties, &source, seconds, now);
                *until = (was > now ? was : now) + seconds * SECOND;
                if (*until > now + most * SECOND)
                    *until = now + most * SECOND;
            }
        }
        assert_int_equal(penalties.evicted, 0);
        srv_penalties_clear(&penalties);
    }
}

/* However many there are, the table is as large as it was. */
static void
a_flood_of_sources_drives_out_the_shortest(void **state)
{
    struct srv_penalties penalties;
    size_t kept = 0;

    (void)state;
    srv_penalties_init(&penalties, DAY, &no_tiers);
    for (uint32_t i = 0; i < flood; i++) {
        struct postern_addr addr = {
            4, { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i }
        };
        struct srv_counter_key source = srv_penalties_source(&penalties, &addr);

        srv_penalties_add(&penalties, &source, i % (flood / LONG) ? 1 : DAY, SECOND);
    }
    assert_int_equal(penalties.evicted, flood - PLACES);
    for (uint32_t i = 0; i < flood; i += flood / LONG) {
        struct postern_addr addr = {
            4, { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i }
        };
        struct srv_counter_key source = srv_penalties_source(&penalties, &addr);

        kept += srv_penalties_left(&penalties, &source, 3 * SECOND) != 0;
    }
    assert_int_equal(kept, LONG); /* those refused for longer have stayed */
    srv_penalties_clear(&penalties);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_is_statuses_and_seconds),
        cmocka_unit_test(options_do_not_overlap),
        cmocka_unit_test(a_status_costs_what_its_range_says),
        cmocka_unit_test(a_rule_goes_before_the_options),
        cmocka_unit_test(sources_are_refused_as_a_slow_list_has_it),
        cmocka_unit_test(a_flood_of_sources_drives_out_the_shortest),
    };

    if (argc > 1)
        flood = (uint32_t)strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
