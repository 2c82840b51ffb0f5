/* runtime/decide_native: rules with several limits */
#include "tests/support/harness.h"

#include <stdlib.h>
#include <unistd.h>

#include "compiler/image.h"
#include "runtime/format/native.h"

#define SEVERAL                                                                   \
    "postern: 1\n10.1. : allow, limit 3\n"                                        \
    "10.2. : allow, limit 3, A=\"b\", limit 9 per /24, limit 70 per /8,/32\n"     \
    "10.3. : allow, limit 1 per /1, limit 2 per /2, limit 3 per /3, limit 4 per " \
    "/4, limit 5 per /5, limit 6 per /6, limit 7 per /7, limit 8 per /8\n"        \
    "10.4. : allow, rate 5/min\n* : deny\n"

static struct postern_decision
decided(const struct postern_rules *rules, const char *address)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;

    assert_true(postern_addr_parse(address, strlen(address), &query.remote));
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    return d;
}

static void
limits_are_in_the_order_of_the_rule(void **state)
{
    struct postern_rules *rules = pn_test_rules(SEVERAL, sizeof(SEVERAL) - 1);
    struct postern_limit_iter more, again;
    struct postern_limit limit = { 0, { 0, 0 } };
    struct postern_decision d = decided(rules, "10.2.9.9");

    (void)state;
    assert_int_equal(d.limit.n, 3);
    assert_int_equal(d.limit.per.v4, 32);
    again = more = d.more_limits;
    assert_true(postern_limit_next(&more, &limit));
    assert_int_equal(limit.n, 9);
    assert_int_equal(limit.per.v4, 24);
    assert_int_equal(limit.per.v6, 64);
    assert_true(postern_limit_next(&more, &limit));
    assert_int_equal(limit.n, 70);
    assert_int_equal(limit.per.v4, 8);
    assert_int_equal(limit.per.v6, 32);
    assert_false(postern_limit_next(&more, &limit));
    assert_int_equal(limit.n, 70);                   /* untouched */
    assert_true(postern_limit_next(&again, &limit)); /* a copy walks by itself */
    assert_int_equal(limit.n, 9);
    d = decided(rules, "10.3.9.9");
    for (more = d.more_limits, limit = d.limit; postern_limit_next(&more, &limit);)
        assert_int_equal(limit.n, limit.per.v4);
    assert_int_equal(limit.n, POSTERN_LIMITS_MAX);
    for (size_t i = 0; i < 3; i++) {
        static const char *const others[] = { "10.1.9.9", "10.4.9.9", "10.5.9.9" };

        d = decided(rules, others[i]);
        assert_false(postern_limit_next(&d.more_limits, &limit));
    }
    postern_rules_close(rules);
}

/*
 * A program from before there were several limits has a shorter decision: what is
 * behind it stays as it is, and a rule with several limits is nothing that it knows.
 */
static void
an_older_program_is_told_no_less_than_all_limits(void **state)
{
    static const struct {
        const char *address;
        enum postern_status status;
    } rows[] = { { "10.1.1.1", POSTERN_OK },
                 { "10.2.1.1", POSTERN_E_VERSION },
                 { "10.3.1.1", POSTERN_OK } };
    static const char text[] = "postern: 1\n10.1. : allow, limit 3\n"
                               "10.2. : allow, limit 3, limit 9 per /24\n* : deny\n";
    struct postern_rules *rules = pn_test_rules(text, sizeof(text) - 1);
    const size_t size = offsetof(struct postern_decision, more_limits);

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++)
        for (int way = 0; way < 3; way++) {
            struct postern_query query = POSTERN_QUERY_INIT;
            struct postern_decision whole = POSTERN_DECISION_INIT, d = whole;
            enum postern_status status;

            memset(&d.more_limits, 0x5a, sizeof(d.more_limits));
            d.struct_size = (uint32_t)size;
            assert_true(postern_addr_parse(rows[i].address, strlen(rows[i].address),
                                           &query.remote));
            assert_int_equal(postern_rules_decide(rules, &query, &whole), POSTERN_OK);
            if (way == 1)
                query.host = (struct postern_str){ "h", 1 };
            status = way == 2 ? postern_rules_outcome(rules, whole.rule, &d)
                              : postern_rules_decide(rules, &query, &d);
            assert_int_equal(status, rows[i].status);
            assert_int_equal(((unsigned char *)&d)[size], 0x5a);
            assert_int_equal(d.struct_size, size);
            assert_int_equal(d.limit.n, status == POSTERN_OK ? whole.limit.n : 0);
            assert_int_equal(d.verdict, status == POSTERN_OK && whole.verdict);
        }
    postern_rules_close(rules);
}

/* What the header of a text's image requires, and the names of that. */
static uint32_t
required(const char *text, size_t size, char *names)
{
    const size_t value = PN_CDB_HEADER_SIZE + PN_CDB_RECORD_HEAD + PN_NATIVE_KEY_SIZE;
    uint8_t header[PN_NATIVE_HEADER_SIZE];
    uint32_t at, length;
    int fd = pn_memory_file();

    pn_test_compile(text, size, fd);
    assert_int_equal(pread(fd, header, sizeof(header), (off_t)value), sizeof(header));
    at = pn_native_number(header, PN_HEADER_FEATURES_AT);
    length = pn_native_number(header, PN_HEADER_FEATURES_SIZE);
    assert_in_range(length, 0, 31);
    assert_int_equal(pread(fd, names, length, (off_t)(value + at)), length);
    names[length] = '\0';
    close(fd);
    return pn_native_number(header, PN_HEADER_REQUIRES);
}

static void
an_image_requires_only_what_it_has(void **state)
{
    static const char one[] = "postern: 1\n10.1. : allow, limit 3\n* : deny\n";
    char names[32];

    (void)state;
    assert_int_equal(required(one, sizeof(one) - 1, names), 0);
    assert_string_equal(names, "");
    assert_int_equal(required(SEVERAL, sizeof(SEVERAL) - 1, names), PN_NATIVE_TIERS);
    assert_string_equal(names, "several limits");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_in_the_order_of_the_rule),
        cmocka_unit_test(an_older_program_is_told_no_less_than_all_limits),
        cmocka_unit_test(an_image_requires_only_what_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
