/* tools/test_name, tools/input/git and targets: what a word of the command line names
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "tools/input/git.h"
#include "tools/input/targets.h"
#include "tools/test_name.h"

static const struct {
    const char *rules, *tests; /* NULL: the name does not end so */
} pairs[] = {
    { "a.rules", "a_test.rules" },
    { "./b/a.rules", "./b/a_test.rules" },
    { "HEAD:a.rules", "HEAD:a_test.rules" },
    { ".rules", NULL },
    { "a.cdb", NULL },
    { "a.rules.old", NULL },
};

static void
the_tests_of_rules_have_a_name_of_their_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(pairs); i++) {
        const char *rules = pairs[i].rules;
        char *tests, *back;

        assert_int_equal(pn_name_ends_in(rules, PN_RULES_END), pairs[i].tests != NULL);
        if (!pairs[i].tests)
            continue;
        tests = pn_name_renamed(rules, PN_RULES_END, PN_TESTS_END);
        assert_string_equal(tests, pairs[i].tests);
        assert_true(pn_name_ends_in(tests, PN_TESTS_END));
        back = pn_name_renamed(tests, PN_TESTS_END, PN_RULES_END);
        assert_string_equal(back, rules);
        free(back);
        free(tests);
    }
}

static const struct {
    const char *path, *tidy;
} paths[] = {
    { "", "" },
    { "a", "a" },
    { "./a", "a" },
    { "a//b/./c", "a/b/c" },
    { "a/../b", "b" },
    { "a/b/../../c", "c" },
    { "a/b/..", "a/" },
    { "../a", "../a" },
    { ".../a..b/.c", ".../a..b/.c" },
};

static void
paths_are_tidied_as_git_does_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(paths); i++) {
        char path[32];

        snprintf(path, sizeof(path), "%s", paths[i].path);
        pn_path_tidy(path);
        if (strcmp(path, paths[i].tidy) != 0)
            fail_msg("%s: tidied to %s", paths[i].path, path);
    }
}

static const struct {
    const char *name;
    bool is_revision;
    const char *path, *base;
} names[] = {
    { "no-such.rules", false, "no-such.rules", "no-such.rules" },
    { "HEAD:no-such.rules", true, "no-such.rules", "no-such.rules" },
    { "HEAD~2:no/such.rules", true, "no/such.rules", "such.rules" },
    { "v1:./such.rules", true, "./such.rules", "such.rules" },
    { "HEAD:", false, "HEAD:", "HEAD:" },
    { ":such.rules", false, ":such.rules", ":such.rules" },
    { "./HEAD:such", false, "./HEAD:such", "HEAD:such" },
    { "/no/HEAD:such", false, "/no/HEAD:such", "HEAD:such" },
    { "-:such", false, "-:such", "-:such" },
};

static void
a_revision_is_told_by_its_colon(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(names); i++) {
        const char *name = names[i].name;

        if (pn_git_is_revision(name) != names[i].is_revision)
            fail_msg("%s: is a revision, or is none", name);
        assert_string_equal(pn_git_path(name), names[i].path);
        assert_string_equal(pn_git_base(name), names[i].base);
    }
}

static const struct {
    const char *text;
    const char *first, *last; /* NULL: it is no extent */
} extents[] = {
    { "10.1.2.3", "10.1.2.3", "10.1.2.3" },
    { "10.0.0.0/8", "10.0.0.0", "10.255.255.255" },
    { "10.1.", "10.1.0.0", "10.1.255.255" },
    { "10.1.2.3-10.1.2.9", "10.1.2.3", "10.1.2.9" },
    { "10.1.2-4.", "10.1.2.0", "10.1.4.255" },
    { "2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
    { "::1", "::1", "::1" },
    { "", NULL, NULL },
    { "10.0.0.0/33", NULL, NULL },
    { "10.1.2.9-10.1.2.3", NULL, NULL },
    { "joe@10.1.2.3", NULL, NULL },
    { "=mx.example.com", NULL, NULL },
    { "10.1.2.3 ", NULL, NULL },
};

/* An end of an extent, as number. */
static void
number_check(const char *text, const char *want, uint8_t family, pn_number number)
{
    struct postern_addr addr;
    pn_number expected = 0;

    assert_true(postern_addr_parse(want, strlen(want), &addr));
    assert_int_equal(family, addr.family);
    for (size_t k = 0; k < (addr.family == 4 ? 4u : 16u); k++)
        expected = expected << 8 | addr.bytes[k];
    if (number != expected)
        fail_msg("%s: does not reach to %s", text, want);
}

static void
extents_are_written_as_in_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(extents); i++) {
        struct pn_extent extent;

        if (pn_extent_read(extents[i].text, &extent) != (extents[i].first != NULL))
            fail_msg("%s: is an extent, or is none", extents[i].text);
        if (!extents[i].first)
            continue;
        number_check(extents[i].text, extents[i].first, extent.family, extent.first);
        number_check(extents[i].text, extents[i].last, extent.family, extent.last);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tests_of_rules_have_a_name_of_their_own),
        cmocka_unit_test(paths_are_tidied_as_git_does_not),
        cmocka_unit_test(a_revision_is_told_by_its_colon),
        cmocka_unit_test(extents_are_written_as_in_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
