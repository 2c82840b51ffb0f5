/* The catalogues of checks and of diagnostics: what their rows promise. */
#include "tests/support/harness.h"

#include <ctype.h>

#include "analysis/lint/finding.h"

static const struct {
    const char *id, *slug;
} rows[] = {
#define X(id, code, name, ...) { #id, name },
#include "analysis/lint/checks.def"
#undef X
#define X(id, slug, ...) { #id, slug },
#include "base/diagnostics.def"
#undef X
};

/* Whoever has seen a slug in a message finds its row and its uses by the same word. */
static void
an_id_is_its_slug_in_capitals(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        char want[64];
        size_t size = strlen(rows[i].slug);

        assert_true(size < sizeof(want));
        for (size_t k = 0; k <= size; k++)
            want[k] = (char)(rows[i].slug[k] == '-'
                                 ? '_'
                                 : toupper((unsigned char)rows[i].slug[k]));
        assert_string_equal(rows[i].id, want);
    }
}

static void
no_code_and_no_name_is_there_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_CHECK_NONE; i++)
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(pn_check_info[i].code, pn_check_info[k].code);
            assert_string_not_equal(pn_check_info[i].name, pn_check_info[k].name);
        }
}

static size_t taken;
static enum pn_check last_taken;

static void
take(void *payload, enum pn_check check)
{
    (void)payload;
    taken++;
    last_taken = check;
}

static const struct {
    const char *word;
    size_t count;
    enum pn_check last;
} words[] = {
    { "P201", 1, PN_CHECK_DUPLICATE_KEY },
    { "duplicate-key", 1, PN_CHECK_DUPLICATE_KEY },
    { "P2", 7, PN_CHECK_BLOCKED },
    { "P20", 7, PN_CHECK_BLOCKED },
    { "P9", 5, PN_CHECK_PROFILE_UNKNOWN },
    { "P", 0, PN_CHECK_NONE },
    { "p201", 1, PN_CHECK_DUPLICATE_KEY },
    { "Duplicate-Key", 1, PN_CHECK_DUPLICATE_KEY },
    { "p2", 7, PN_CHECK_BLOCKED },
    { "Q2", 0, PN_CHECK_NONE },
    { "P2011", 0, PN_CHECK_NONE },
    { "duplicate", 0, PN_CHECK_NONE },
    { "", 0, PN_CHECK_NONE },
};

static void
a_word_names_checks_by_code_prefix_or_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(words); i++) {
        struct pn_str word = { words[i].word, strlen(words[i].word) };

        taken = 0;
        last_taken = PN_CHECK_NONE;
        if (pn_check_named(word, take, NULL) != words[i].count ||
            taken != words[i].count || last_taken != words[i].last)
            fail_msg("%s names %zu checks, %d last", words[i].word, taken, last_taken);
    }
}

static const struct {
    const char *word, *nearest;
} misspelt[] = {
    { "duplicate-keys", "duplicate-key" },
    { "open_relay", "open-relay" },
    { "P20l", "P201" },
    { "redundnat", "redundant" },
    { "redun", "redundant" },
    { "p20I", "P201" },
    { "P999", "P901" },
    { "p9x", "P901" },
    { "P2011", "P201" },
};

static void
a_misspelt_word_is_near_its_check(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(misspelt); i++)
        assert_string_equal(pn_check_near((struct pn_str){ misspelt[i].word,
                                                           strlen(misspelt[i].word) }),
                            misspelt[i].nearest);
    assert_null(pn_check_near(PN_STR("nothing-like-it")));
    assert_null(pn_check_near(PN_STR("")));
    assert_null(pn_check_near(PN_STR("P")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_its_slug_in_capitals),
        cmocka_unit_test(no_code_and_no_name_is_there_twice),
        cmocka_unit_test(a_word_names_checks_by_code_prefix_or_name),
        cmocka_unit_test(a_misspelt_word_is_near_its_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
