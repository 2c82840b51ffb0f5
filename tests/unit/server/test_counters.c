/*
 * server/counter_key, limits, rates, keyed_hash: what is counted together, and how many
 * pass.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/limits.h"
#include "server/rates.h"

#define SECOND INT64_C(1000000000)

static struct postern_addr
address(const char *text)
{
    struct postern_addr out;

    assert_true(postern_addr_parse(text, strlen(text), &out));
    return out;
}

static struct srv_counter_key
counted(const char *text, uint8_t v4, uint8_t v6)
{
    const struct postern_per per = { v4, v6 };
    struct postern_addr addr = address(text);

    return srv_counter_key_of(7, &addr, &per);
}

/* The vector of the paper's appendix: key 00..0f, input 00..0e. */
static void
the_hash_is_siphash(void **state)
{
    const struct srv_hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
    uint8_t input[15];

    (void)state;
    for (uint8_t i = 0; i < sizeof(input); i++)
        input[i] = i;
    assert_true(srv_hash(&key, input, sizeof(input)) == 0xa129ca6149be45e5);
}

static void
addresses_of_one_network_are_one_source(void **state)
{
    static const struct {
        const char *a, *b;
        uint8_t v4, v6;
        bool same;
    } rows[] = {
        { "10.1.2.3", "10.1.2.3", 32, 64, true },
        { "10.1.2.3", "10.1.2.4", 32, 64, false },
        { "10.1.2.3", "10.1.2.200", 24, 64, true },
        { "10.1.2.127", "10.1.2.128", 25, 64, false },
        { "2001:db8::1", "2001:db8::ffff:1", 32, 64, true },
        { "2001:db8::1", "2001:db8:0:1::1", 32, 64, false },
        { "2001:db8::1", "2001:db8:0:1::1", 32, 56, true },
        { "2001:db8::1", "2001:db8::2", 32, 128, false },
        { "1.2.3.4", "::102:304", 32, 128, false },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_counter_key a = counted(rows[i].a, rows[i].v4, rows[i].v6);
        struct srv_counter_key b = counted(rows[i].b, rows[i].v4, rows[i].v6);

        if (srv_counter_key_equal(&a, &b) != rows[i].same)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

/* Random holds and releases beside a plain table of counts. */
static void
live_connections_are_counted_exactly(void **state)
{
    enum { SOURCES = 500, STEPS = 40000, HELD = 3000 };
    static struct srv_limit_entry *held[HELD];
    static size_t whose[HELD];
    uint32_t counts[SOURCES] = { 0 };
    struct srv_limits limits;
    size_t holding = 0, entries = 0;

    (void)state;
    srand(3);
    assert_true(srv_limits_init(&limits));
    for (size_t step = 0; step < STEPS; step++) {
        char text[32];

        if (holding && (rand() % 2 || holding == HELD)) {
            size_t at = (size_t)rand() % holding;

            srv_limits_release(&limits, held[at]);
            counts[whose[at]]--;
            held[at] = held[--holding];
            whose[at] = whose[holding];
            continue;
        }
        whose[holding] = (size_t)rand() % SOURCES;
        snprintf(text, sizeof(text), "10.0.%zu.%zu", whose[holding] / 250,
                 whose[holding] % 250);
        struct srv_counter_key source = counted(text, 32, 64);

        assert_int_equal(srv_limits_live(&limits, &source), counts[whose[holding]]);
        held[holding] = srv_limits_hold(&limits, &source);
        counts[whose[holding++]]++;
    }
    for (size_t i = 0; i < SOURCES; i++)
        entries += counts[i] != 0;
    assert_int_equal(limits.count,
                     entries); /* memory is bounded by the number of live sources */
    while (holding)
        srv_limits_release(&limits, held[--holding]);
    assert_int_equal(limits.count, 0);
    srv_limits_release(&limits, NULL);
    srv_limits_clear(&limits);
}

static void
a_bucket_holds_n_and_fills_in_its_time(void **state)
{
    const struct postern_rate rate = { 5, 10, { 32, 64 } };
    struct srv_counter_key one = counted("10.0.0.1", 32, 64),
                           two = counted("10.0.0.2", 32, 64);
    struct srv_rates rates;
    int64_t now = 1000 * SECOND;

    (void)state;
    srv_rates_init(&rates);
    for (int i = 0; i < 5; i++)
        assert_true(srv_rates_take(&rates, &one, &rate, now));
    for (int i = 0; i < 100; i++) /* asking in vain costs nothing */
        assert_false(srv_rates_take(&rates, &one, &rate, now));
    assert_true(srv_rates_take(&rates, &two, &rate, now));
    assert_false(srv_rates_take(&rates, &one, &rate, now + 2 * SECOND - 1));
    assert_true(srv_rates_take(&rates, &one, &rate, now + 2 * SECOND));
    assert_false(srv_rates_take(&rates, &one, &rate, now + 2 * SECOND));
    for (int i = 0; i < 5; i++)
        assert_true(srv_rates_take(&rates, &one, &rate, now + 100 * SECOND));
    assert_false(srv_rates_take(&rates, &one, &rate, now + 100 * SECOND));
    assert_int_equal(rates.evicted, 0);
    srv_rates_clear(&rates);
}

/* A steady source below its rate is never refused, one above it is let through at it.
 */
static void
the_rate_over_a_long_time_is_the_rate(void **state)
{
    const struct postern_rate rate = { 60, 60, { 32, 64 } };
    struct srv_counter_key one = counted("10.0.0.1", 32, 64);
    struct srv_rates rates;
    size_t passed = 0;

    (void)state;
    srv_rates_init(&rates);
    for (int64_t i = 0; i < 20000; i++) /* twenty a second for a thousand seconds */
        passed += srv_rates_take(&rates, &one, &rate, SECOND * 50 + i * SECOND / 20);
    assert_in_range(passed, 1058, 1060);
    srv_rates_clear(&rates);
}

/* A source has used `used` tokens of one rate; how many of another it gets at once. */
static const struct {
    const char *label;
    struct postern_rate before, after;
    size_t used, gets;
    int64_t wait_s; /* for the next one, at most */
} changes[] = {
    { "loosened far", { 1, 3600, { 32, 64 } }, { 1000, 1, { 32, 64 } }, 1, 999, 1 },
    { "loosened by one", { 1, 3600, { 32, 64 } }, { 2, 3600, { 32, 64 } }, 1, 1, 1800 },
    { "as large, faster", { 2, 3600, { 32, 64 } }, { 2, 60, { 32, 64 } }, 2, 0, 30 },
    { "tightened", { 1000, 3600, { 32, 64 } }, { 2, 3600, { 32, 64 } }, 500, 0, 1800 },
    { "tightened, little used",
      { 9, 3600, { 32, 64 } },
      { 5, 3600, { 32, 64 } },
      3,
      2,
      720 },
    { "the same", { 3, 3600, { 32, 64 } }, { 3, 3600, { 32, 64 } }, 2, 1, 1200 },
    { "slower, unused", { 3, 1, { 32, 64 } }, { 3, 3600, { 32, 64 } }, 0, 3, 1200 },
};

static void
a_rate_that_is_changed_counts_what_was_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(changes); i++) {
        struct srv_counter_key one = counted("10.0.0.1", 32, 64);
        int64_t now = SECOND * 1000, later;
        struct srv_rates rates;
        size_t got = 0;

        srv_rates_init(&rates);
        for (size_t used = 0; used < changes[i].used; used++)
            assert_true(srv_rates_take(&rates, &one, &changes[i].before, now));
        while (got < 2000 && srv_rates_take(&rates, &one, &changes[i].after, now))
            got++;
        if (got != changes[i].gets)
            fail_msg("%s: %zu at once", changes[i].label, got);
        later = now + changes[i].wait_s * SECOND;
        if (!srv_rates_take(&rates, &one, &changes[i].after, later))
            fail_msg("%s: waits longer than for one token", changes[i].label);
        srv_rates_clear(&rates);
    }
}

static void
a_flood_of_sources_is_counted_where_it_drives_others_out(void **state)
{
    const struct postern_rate rate = { 1, 3600, { 32, 64 } };
    struct srv_rates rates;

    (void)state;
    srv_rates_init(&rates);
    for (uint32_t i = 0; i < 100000; i++) {
        struct postern_addr addr = {
            4, { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i }
        };
        struct srv_counter_key source = srv_counter_key_of(1, &addr, &rate.per);

        assert_true(srv_rates_take(&rates, &source, &rate, SECOND * 10));
    }
    assert_in_range(rates.evicted, 100000 - 2048 * 8, 100000);
    srv_rates_clear(&rates);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_siphash),
        cmocka_unit_test(addresses_of_one_network_are_one_source),
        cmocka_unit_test(live_connections_are_counted_exactly),
        cmocka_unit_test(a_bucket_holds_n_and_fills_in_its_time),
        cmocka_unit_test(the_rate_over_a_long_time_is_the_rate),
        cmocka_unit_test(a_rate_that_is_changed_counts_what_was_used),
        cmocka_unit_test(a_flood_of_sources_is_counted_where_it_drives_others_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
