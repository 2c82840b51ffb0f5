/* tools/script_words: a run script is cut into words as a shell would, and what only
 * running it could say is unknown */
#include "tests/support/harness.h"

#include "tools/script_words.h"

/* Words with a blank between; behind an unknown one stands ?, behind several *. */
static const struct {
    const char *text;
    bool lines;
    const char *words;
} cuts[] = {
    { "", false, "" },
    { "# all of it", false, "" },
    { "tcpserver -v 0 25", false, "tcpserver -v 0 25" },
    { "  a\tb  ", false, "a b" },
    { "a b # c", false, "a b" },
    { "a b#c", false, "a b#c" },
    { "a \\\n b", false, "a b" },
    { "a\\\nb", false, "ab" },
    { "a\nb", false, "a" },
    { "a\nb", true, "a b" },
    { "a;b", false, "a" },
    { "a | b", false, "a" },
    { "a;b", true, "a;b" },
    { "'a b' \"c d\"", false, "a b c d" },
    { "'a\\b' \"a\\\"b\" a\\ b", false, "a\\b a\"b a b" },
    { "a''b \"\"", false, "ab " },
    { "$A", false, "$A?*" },
    { "\"$A\" '$A'", false, "$A? $A" },
    { "\"$@\" \"${A[@]}\"", false, "$@?* ${A[@]}?*" },
    { "x$1y $(a b) `a b` ${A:-b c}", false, "x$1y?* $(a b)?* `a b`?* ${A:-b c}?*" },
    { "$(a $(b) c)d", false, "$(a $(b) c)d?*" },
    { "$(a", false, "$(a?*" },
    { "a$ $, \\$A", false, "a$ $, $A" },
};

static void
words_are_cut_as_a_shell_cuts_them(void **state)
{
    struct pn_word word = { .unknown = false };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cuts); i++) {
        struct pn_words words = { cuts[i].text, cuts[i].text + strlen(cuts[i].text),
                                  cuts[i].lines };
        struct pn_buffer got = { 0 };

        for (bool first = true; pn_words_next(&words, &word); first = false) {
            pn_buffer_add_text(&got, first ? "" : " ");
            pn_buffer_add_text(&got, word.text.bytes);
            pn_buffer_add_text(&got, word.unknown ? "?" : "");
            pn_buffer_add_text(&got, word.several ? "*" : "");
        }
        pn_buffer_add(&got, "", 1);
        if (strcmp(got.bytes, cuts[i].words) != 0)
            fail_msg("%s: cut as %s", cuts[i].text, got.bytes);
        pn_buffer_free(&got);
    }
    pn_buffer_free(&word.text);
}

static const struct {
    const char *text, *expanded; /* NULL: as it is */
} expansions[] = {
    { "A=1\necho $A", "A=1\necho 1" },
    { "A=1; echo ${A}2", "A=1; echo 12" },
    { "export A='1 2'\necho \"$A\"", "export A='1 2'\necho \"1 2\"" },
    { "A=1\necho '$A'", NULL },
    { "A=1\necho \\$A", NULL },
    { "A=1\nA=2\necho $A", NULL },
    { "A=1\nA+=2\necho $A", NULL },
    { "A=$B\necho $A", NULL },
    { "A=`date`\necho $A", NULL },
    { "A=1 tcpserver $A", NULL },
    { "if true; then A=1; fi\necho $A", NULL },
    { "test -f x && A=1\necho $A", NULL },
    { "f() {\nA=1\n}\necho $A", NULL },
    { "A=1\nread A\necho $A", NULL },
    { "A=1\n. ./settings\necho $A", NULL },
    { "A=1\nenvdir ./env sh -c 'x' $A", NULL },
    { "# A=1\necho $A", NULL },
    { "A=1\necho $AB ${A:-2}", NULL },
};

static void
only_what_is_always_set_once_is_put_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(expansions); i++) {
        const char *text = expansions[i].text, *want = expansions[i].expanded;
        struct pn_buffer got = { 0 };

        assert_true(pn_script_expand((struct pn_str){ text, strlen(text) }, &got));
        if (strcmp(got.bytes, want ? want : text) != 0)
            fail_msg("%s: expanded to %s", text, got.bytes);
        pn_buffer_free(&got);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cut_as_a_shell_cuts_them),
        cmocka_unit_test(only_what_is_always_set_once_is_put_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
