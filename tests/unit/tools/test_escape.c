/* tools/render/escape and xml: a text of others ends no cell, no fence and no command
 */
#include "tests/support/harness.h"

#include "tools/render/escape.h"
#include "tools/render/xml.h"

static const struct {
    const char *text, *command, *property, *markdown, *code, *xml;
} texts[] = {
    { "", "", "", "", "``", "" },
    { "plain", "plain", "plain", "plain", "`plain`", "plain" },
    { "a:b,c", "a:b,c", "a%3Ab%2Cc", "a:b,c", "`a:b,c`", "a:b,c" },
    { "a\nb\x7f", "a%0Ab%7F", "a%0Ab%7F", "a b\x7f", "`a b\x7f`", "a\\x0ab\\x7f" },
    { "50%", "50%25", "50%25", "50%", "`50%`", "50%" },
    { "a|b*_", "a|b*_", "a|b*_", "a\\|b\\*\\_", "`a\\|b*_`", "a|b*_" },
    { "``x`", "``x`", "``x`", "\\`\\`x\\`", "``` ``x` ```", "``x`" },
    { "<a&\"b\">", "<a&\"b\">", "<a&\"b\">", "\\<a&\"b\"\\>", "`<a&\"b\">`",
      "&#60;a&#38;&#34;b&#34;&#62;" },
    { "\xc3\xa9", "\xc3\xa9", "\xc3\xa9", "\xc3\xa9", "`\xc3\xa9`", "\\xc3\\xa9" },
};

static void
check(struct pn_buffer *got, const char *text, const char *want)
{
    pn_buffer_add(got, "", 1);
    if (strcmp(got->bytes, want) != 0)
        fail_msg("%s: escaped as %s, not %s", text, got->bytes, want);
    pn_buffer_free(got);
}

static void
texts_are_escaped_for_each_reader(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(texts); i++) {
        const char *text = texts[i].text;
        struct pn_buffer xml = { 0 };
        struct pn_output out;

        pn_output_begin(&out, -1);
        pn_github_escape(&out, text, false);
        check(&out.pending, text, texts[i].command);
        pn_github_escape(&out, text, true);
        check(&out.pending, text, texts[i].property);
        pn_markdown_escape(&out, text);
        check(&out.pending, text, texts[i].markdown);
        pn_markdown_code(&out, text);
        check(&out.pending, text, texts[i].code);
        pn_xml_add(&xml, (struct pn_str){ text, strlen(text) });
        check(&xml, text, texts[i].xml);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_escaped_for_each_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
