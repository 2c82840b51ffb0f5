/* base/nearest */
#include "tests/support/harness.h"

#include "base/nearest.h"

static void
edits_are_counted(void **state)
{
    static const struct {
        const char *a, *b;
        size_t edits;
    } cases[] = {
        { "", "", 0 },
        { "", "abc", 3 },
        { "json", "json", 0 },
        { "JSON", "json", 0 },
        { "jsn", "json", 1 },
        { "jsonn", "json", 1 },
        { "jsxn", "json", 1 },
        { "josn", "json", 1 },
        { "sjno", "json", 2 },
        { "abcd", "badc", 2 },
        { "kitten", "sitting", 3 },
        { "a", "b", 1 },
        { "ab", "ba", 1 },
        { "a", "", 1 },
    };
    static const char long_one[PN_NEAREST_LEN_MAX + 1] = "long";
    struct pn_str most = { long_one, PN_NEAREST_LEN_MAX };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        struct pn_str a = pn_str_of_text(cases[i].a), b = pn_str_of_text(cases[i].b);

        if (pn_edits(a, b) != cases[i].edits || pn_edits(b, a) != cases[i].edits)
            fail_msg("%s, %s: %zu and %zu", cases[i].a, cases[i].b, pn_edits(a, b),
                     pn_edits(b, a));
    }
    assert_int_equal(pn_edits(most, most), 0);
    assert_int_equal(pn_edits((struct pn_str){ long_one, sizeof(long_one) }, most),
                     SIZE_MAX);
    assert_int_equal(pn_edits((struct pn_str){ NULL, 0 }, most), PN_NEAREST_LEN_MAX);
}

static void
the_nearest_is_found_or_none(void **state)
{
    static const char *const words[] = { "compile", "check", "who",   "test", "diff",
                                         "merge",   "lint",  "fmt",   "map",  "stats",
                                         "blame",   "json",  "sarif", "text", NULL };
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        { "compil", "compile" }, { "COMPILE", "compile" },
        { "comp", "compile" },   { "cmpl", "compile" },
        { "co", "compile" },     { "compilation", NULL },
        { "chekc", "check" },    { "chk", "check" },
        { "tset", "test" },      { "format", "fmt" },
        { "diffs", "diff" },     { "jsno", "json" },
        { "txt", "text" },       { "w", NULL },
        { "xyz", NULL },         { "", NULL },
        { "validate", NULL },    { "staats", "stats" },
        { "lnit", "lint" },      { "mpa", "map" },
        { "blam", "blame" },     { "sarf", "sarif" },
        { "testing", "test" },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        const char *found = pn_nearest_of(pn_str_of_text(cases[i].word), words);

        if (!found != !cases[i].nearest ||
            (found && strcmp(found, cases[i].nearest) != 0))
            fail_msg("%s: %s", cases[i].word, found ? found : "none");
    }
}

/* What is offered first stays before what is as near. */
static void
the_first_of_two_wins(void **state)
{
    struct pn_nearest nearest;

    (void)state;
    pn_nearest_begin(&nearest, PN_STR("mail"));
    pn_nearest_offer(&nearest, PN_STR("mailers"));
    assert_int_equal(nearest.best.len, 7);
    pn_nearest_offer(&nearest, PN_STR("main"));
    pn_nearest_offer(&nearest, PN_STR("mails"));
    assert_true(pn_str_is(nearest.best, "main"));
    assert_int_equal(nearest.edits, 1);
    pn_nearest_offer(&nearest, PN_STR("Mail"));
    assert_true(pn_str_is(nearest.best, "Mail"));
    assert_int_equal(nearest.edits, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),
        cmocka_unit_test(the_nearest_is_found_or_none),
        cmocka_unit_test(the_first_of_two_wins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
