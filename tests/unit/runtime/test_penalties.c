/* runtime/decide_native: rules with penalties, and those that are exempt */
#include "tests/support/harness.h"

#include <stddef.h>
#include <stdio.h>

#include "compiler/image.h"
#include "runtime/format/native.h"

#define SOME                                                                  \
    "postern: 1\n10.1. : allow, penalty signal 60, penalty 9 5, penalty 1-8 " \
    "86400\n10.2. : allow, no penalty\n10.3. : allow, limit 3\n"              \
    "10.4. : deny, penalty 1 1\n* : allow\n"

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
next_is(struct postern_penalty_iter *iter, unsigned first, unsigned last,
        unsigned seconds)
{
    struct postern_penalty penalty = { 0, 0, 0 };

    assert_true(postern_penalty_next(iter, &penalty));
    assert_int_equal(penalty.first, first);
    assert_int_equal(penalty.last, last);
    assert_int_equal(penalty.seconds, seconds);
}

static void
penalties_ascend_by_status(void **state)
{
    static const char *const others[] = { "10.3.9.9", "10.4.9.9", "10.5.9.9" };
    struct postern_rules *rules = pn_test_rules(SOME, sizeof(SOME) - 1);
    struct postern_decision d = decided(rules, "10.1.9.9");
    struct postern_penalty penalty = { 7, 7, 7 };

    (void)state;
    next_is(&d.penalties, 1, 8, 86400);
    next_is(&d.penalties, 9, 9, 5);
    next_is(&d.penalties, POSTERN_STATUS_SIGNAL, POSTERN_STATUS_SIGNAL, 60);
    assert_false(postern_penalty_next(&d.penalties, &penalty));
    assert_int_equal(penalty.first, 7); /* untouched */
    d = decided(rules, "10.2.9.9");
    next_is(&d.penalties, 0, 0, 0);
    assert_false(postern_penalty_next(&d.penalties, &penalty));
    for (size_t i = 0; i < PN_COUNT_OF(others); i++) {
        d = decided(rules, others[i]);
        assert_false(postern_penalty_next(&d.penalties, &penalty));
    }
    postern_rules_close(rules);
}

/* As of several limits: what is behind an older decision stays as it is. */
static void
an_older_program_is_told_no_less_than_penalties(void **state)
{
    static const struct {
        const char *address;
        enum postern_status status;
    } rows[] = { { "10.1.1.1", POSTERN_E_VERSION },
                 { "10.2.1.1", POSTERN_E_VERSION },
                 { "10.3.1.1", POSTERN_OK },
                 { "10.4.1.1", POSTERN_OK } };
    static const size_t sizes[] = { offsetof(struct postern_decision, more_limits),
                                    offsetof(struct postern_decision, penalties) };
    struct postern_rules *rules = pn_test_rules(SOME, sizeof(SOME) - 1);

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows) * PN_COUNT_OF(sizes); i++) {
        const size_t size = sizes[i % 2];
        struct postern_query query = POSTERN_QUERY_INIT;
        struct postern_decision d = POSTERN_DECISION_INIT;

        memset((unsigned char *)&d + size, 0x5a, sizeof(d) - size);
        d.struct_size = (uint32_t)size;
        assert_true(postern_addr_parse(rows[i / 2].address, strlen(rows[i / 2].address),
                                       &query.remote));
        assert_int_equal(postern_rules_decide(rules, &query, &d), rows[i / 2].status);
        for (size_t k = size; k < sizeof(d); k++)
            assert_int_equal(((unsigned char *)&d)[k], 0x5a);
        assert_int_equal(d.struct_size, size);
    }
    postern_rules_close(rules);
}

/* Only a rule that a look-up may lead to makes a server wait for it. */
static void
an_image_tells_whether_names_exempt(void **state)
{
    static const struct {
        const char *rules;
        uint32_t exempts, needs;
    } rows[] = {
        { "10.1. : allow, no penalty\n* : allow, A=\"\"\n", 0, 0 },
        { "=mx.test : allow, no penalty\n* : allow\n", 1, POSTERN_NEEDS_HOST },
        { "=.test : allow, no penalty\n* : allow\n", 1, POSTERN_NEEDS_HOST },
        { "= : allow, no penalty\n* : allow\n", 1, POSTERN_NEEDS_HOST },
        { "=mx.test : allow, penalty 1 1\n* : allow, no penalty\n", 0,
          POSTERN_NEEDS_HOST },
        { "joe@10.1.1.1 : allow, no penalty\n* : allow\n", 1, POSTERN_NEEDS_IDENT },
        { "joe@10.1. : allow, no penalty\n* : allow\n", 1, POSTERN_NEEDS_IDENT },
        { "joe@* : allow, no penalty\n* : allow\n", 1,
          POSTERN_NEEDS_HOST | POSTERN_NEEDS_IDENT },
        { "joe@2001:db8::/32 : allow, no penalty\n* : allow\n", 1,
          POSTERN_NEEDS_IDENT },
        { "=mx.test : deny, no penalty\n* : allow\n", 0, POSTERN_NEEDS_HOST },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct postern_info info = POSTERN_INFO_INIT;
        struct postern_rules *rules;
        char text[256];
        int size = snprintf(text, sizeof(text), "postern: 1\n%s", rows[i].rules);

        rules = pn_test_rules(text, (size_t)size);
        assert_int_equal(postern_rules_info(rules, &info), POSTERN_OK);
        if (info.exempts != rows[i].exempts || info.needs != rows[i].needs)
            fail_msg("%s: %u %u", rows[i].rules, info.exempts, info.needs);
        postern_rules_close(rules);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(penalties_ascend_by_status),
        cmocka_unit_test(an_older_program_is_told_no_less_than_penalties),
        cmocka_unit_test(an_image_tells_whether_names_exempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
