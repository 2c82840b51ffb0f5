/* compiler/terms */
#include "tests/support/harness.h"

#include "compiler/terms.h"

static const struct {
    const char *text;
    uint32_t date;
} dates[] = {
    { "2026-01-31", 20260131 }, { "2024-02-29", 20240229 },
    { "2000-02-29", 20000229 }, { "1900-02-29", 0 },
    { "2026-02-29", 0 },        { "2026-04-31", 0 },
    { "2026-13-01", 0 },        { "2026-00-10", 0 },
    { "2026-10-00", 0 },        { "0000-10-10", 0 },
    { "2026-1-31", 0 },         { "2026/01/31", 0 },
    { "2026-01-3x", 0 },        { "", 0 },
    { "2026-01-310", 0 },
};

static void
dates_are_days_of_the_calendar(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(dates); i++)
        if (pn_date_read(pn_str_of_text(dates[i].text)) != dates[i].date)
            fail_msg("%s", dates[i].text);
}

static void
assertions_name_the_terms_of_admission(void **state)
{
    static const struct {
        const char *word;
        enum pn_term term;
    } words[] = {
        { "limit", PN_TERM_LIMIT },     { "rate", PN_TERM_RATE },
        { "reject", PN_TERM_REJECT },   { "until", PN_TERM_NONE },
        { "owner", PN_TERM_NONE },      { "lim", PN_TERM_NONE },
        { "limits", PN_TERM_NONE },     { "", PN_TERM_NONE },
        { "penalty", PN_TERM_PENALTY }, { "no", PN_TERM_NONE },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(words); i++)
        if (pn_term_named(pn_str_of_text(words[i].word)) != words[i].term)
            fail_msg("%s", words[i].word);
}

static void
a_rule_without_terms_has_the_same_of_each(void **state)
{
    struct pn_terms none = pn_terms_none(), limited = none, rejecting = none;
    const struct pn_buffer text = { .bytes = (char[]){ "go" }, .size = 2 };

    (void)state;
    limited.columns[PN_TERM_LIMIT_N] = 5;
    rejecting.columns[PN_TERM_REJECT_AT] = 0;
    rejecting.columns[PN_TERM_REJECT_SIZE] = 2;
    for (enum pn_term term = 0; term < PN_TERM_COUNT; term++) {
        assert_true(pn_term_same(term, &none, &text, &none, &text));
        assert_int_equal(pn_term_same(term, &none, &text, &limited, &text),
                         term != PN_TERM_LIMIT);
        assert_int_equal(pn_term_same(term, &none, &text, &rejecting, &text),
                         term != PN_TERM_REJECT);
        assert_true(pn_term_same(term, &rejecting, &text, &rejecting, &text));
    }
    assert_string_equal(pn_rate_unit(1), "sec");
    assert_string_equal(pn_rate_unit(60), "min");
    assert_string_equal(pn_rate_unit(3600), "hour");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_days_of_the_calendar),
        cmocka_unit_test(assertions_name_the_terms_of_admission),
        cmocka_unit_test(a_rule_without_terms_has_the_same_of_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
