/* tools/render/page_text, and pn_color_wanted() of tools/tool. */
#include "tests/support/harness.h"

#include "tools/render/pages.h"
#include "tools/tool.h"

static void
check(const char *text, bool styled, bool manual, const char *wanted)
{
    struct pn_output out = { .fd = -1 };

    if (manual)
        pn_manual_write(&out, pn_str_of_text(text), styled);
    else
        pn_page_write(&out, pn_str_of_text(text), styled, 40);
    assert_false(out.pending.failed);
    if (!pn_str_is(pn_str_of(&out.pending), wanted))
        fail_msg("%s: %.*s", text, (int)out.pending.size, out.pending.bytes);
    pn_buffer_free(&out.pending);
}

static const struct {
    const char *markdown, *plain, *styled;
} pages[] = {
    { "", "", "" },
    { "# A `title`\n", "A `title`\n", "\033[1mA `title`\033[0m\n" },
    { "## Below\n", "Below\n", "\033[1mBelow\033[0m\n" },
    { "#no title\n", "  #no title\n", "  #no title\n" },
    { "*A note, by `--fix`.*\n", "  A note, by --fix.\n",
      "  \033[4mA note, by \033[0m\033[1m--fix\033[0m\033[4m.\033[0m\n" },
    { "one `two three` four\n", "  one two three four\n",
      "  one \033[0m\033[1mtwo three\033[0m four\n" },
    { "**one** two\n", "  one two\n", "  \033[0m\033[1mone\033[0m two\n" },
    { "a * b, and *c*\n", "  a * b, and *c*\n", "  a * b, and *c*\n" },
    { "see [the page](a/b.md#c), [no link] and `[x](y)`\n",
      "  see the page, [no link] and [x](y)\n",
      "  see the page, [no link] and \033[0m\033[1m[x](y)\033[0m\n" },
    { "a line that is wider than forty columns goes on\nin the next\n",
      "  a line that is wider than forty\n  columns goes on in the next\n",
      "  a line that is wider than forty\n  columns goes on in the next\n" },
    { "\u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc "
      "\u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc "
      "123456\n",
      "  \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc "
      "\u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc "
      "123456\n",
      "  \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc "
      "\u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc \u00e4\u00f6\u00fc "
      "123456\n" },
    { "a\n\n\nb\n", "  a\n\n  b\n", "  a\n\n  b\n" },
    { "- one item that is wider than forty columns\n- two\n",
      "  - one item that is wider than forty\n    columns\n  - two\n",
      "  - one item that is wider than forty\n    columns\n  - two\n" },
    { "a\n| b | `c` |\n", "  a\n  | b | `c` |\n", "  a\n  | b | `c` |\n" },
    { "Wrong:\n\n```rules a.rules\n10.1.:alow # `x` *y*\n\n:deny\n```\n\nend\n",
      "  Wrong:\n\n    a.rules:\n      10.1.:alow # `x` *y*\n\n      :deny\n\n  end\n",
      "  Wrong:\n\n    a.rules:\n      10.1.:alow # `x` *y*\n\n      :deny\n\n  "
      "end\n" },
    { "```console\n$ postern\nout\n```\n", "      $ postern\n      out\n",
      "      \033[1m$ postern\033[0m\n      out\n" },
    { "no end", "  no end\n", "  no end\n" },
};

static void
markdown_is_laid_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(pages); i++) {
        check(pages[i].markdown, false, false, pages[i].plain);
        check(pages[i].markdown, true, false, pages[i].styled);
    }
}

static const struct {
    const char *text, *plain, *styled;
} manuals[] = {
    { "", "", "" },
    { "plain\n", "plain\n", "plain\n" },
    { "N\bNA\bA x", "NA x", "\033[1mNA\033[0m x" },
    { "_\ba_\bb", "ab", "\033[4mab\033[0m" },
    { "_\ba\ba", "a", "\033[1ma\033[0m" },
    { "_\b_", "_", "\033[1m_\033[0m" },
    { "a\ba_\bb\n", "ab\n", "\033[1ma\033[0m\033[4mb\033[0m\n" },
    { "a\b", "a\b", "a\b" },
};

static void
overstrikes_become_styles(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(manuals); i++) {
        check(manuals[i].text, false, true, manuals[i].plain);
        check(manuals[i].text, true, true, manuals[i].styled);
    }
}

static const struct {
    struct pn_color_environment environment;
    enum pn_color wanted;
} environments[] = {
    { { NULL, NULL, NULL, NULL }, PN_COLOR_AUTO },
    { { "", "", "", NULL }, PN_COLOR_AUTO },
    { { "", "", "", "" }, PN_COLOR_NEVER },
    { { NULL, NULL, "1", "xterm" }, PN_COLOR_AUTO },
    { { "1", NULL, NULL, "xterm" }, PN_COLOR_NEVER },
    { { "0", NULL, NULL, NULL }, PN_COLOR_NEVER },
    { { "1", "1", "1", "xterm" }, PN_COLOR_NEVER },
    { { NULL, "1", NULL, NULL }, PN_COLOR_ALWAYS },
    { { NULL, "1", "0", "dumb" }, PN_COLOR_ALWAYS },
    { { NULL, "0", NULL, NULL }, PN_COLOR_AUTO },
    { { NULL, NULL, "0", "xterm" }, PN_COLOR_NEVER },
    { { NULL, NULL, NULL, "dumb" }, PN_COLOR_NEVER },
    { { NULL, NULL, "1", "dumb" }, PN_COLOR_NEVER },
};

static void
the_environment_is_asked_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(environments); i++) {
        enum pn_color wanted = environments[i].wanted;
        struct pn_tool tool = { .color = (int)pn_color_wanted(
                                    &environments[i].environment) };
        struct pn_common common = { .color = PN_COLOR_AUTO };

        if (tool.color != (int)wanted)
            fail_msg("case %zu: %d", i, tool.color);
        assert_int_equal(pn_tool_color(&tool, &common, true), wanted != PN_COLOR_NEVER);
        assert_int_equal(pn_tool_color(&tool, &common, false),
                         wanted == PN_COLOR_ALWAYS);
        common.color = PN_COLOR_ALWAYS; /* the option comes first */
        assert_true(pn_tool_color(&tool, &common, false));
        common.color = PN_COLOR_NEVER;
        assert_false(pn_tool_color(&tool, &common, true));
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_is_laid_out),
        cmocka_unit_test(overstrikes_become_styles),
        cmocka_unit_test(the_environment_is_asked_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
