/* The layout of texts, form by form; and laid out again, a layout stays as it is. */
#include "tests/support/harness.h"

#include "analysis/format.h"

static const struct {
    const char *label, *text, *layout; /* layout NULL: it is refused */
} texts[] = {
    { "classic: blanks at the end of a line", "10.0.0.1:allow  \n",
      "10.0.0.1:allow\n" },
    { "classic: no newline at the end", "10.0.0.1:allow", "10.0.0.1:allow\n" },
    { "classic: blank lines between rules", "a:allow\n\n\nb:deny\n\n",
      "a:allow\n\nb:deny\n" },
    { "classic: an indented comment is no comment", "  # no colon\n:deny\n",
      "  # no colon\n:deny\n" },
    { "an empty policy", "postern: 1\n", "postern: 1\n" },
    { "blanks around the colon", "postern: 1\n10.0.0.1:allow\n* :deny\n",
      "postern: 1\n10.0.0.1 : allow\n*        : deny\n" },
    { "columns of neighbours", "postern: 1\n10.0.0.1 : allow\n192.0.2.0/24 : deny\n",
      "postern: 1\n10.0.0.1     : allow\n192.0.2.0/24 : deny\n" },
    { "a comma wants a blank behind it", "postern: 1\n10.0.0.1,10.0.0.2 : deny\n",
      "postern: 1\n10.0.0.1, 10.0.0.2 : deny\n" },
    { "a set in braces, with its author's lines",
      "postern: 1\nset s = {\n10.0.0.1 , 10.0.0.2\n 10.0.0.3\n}\n",
      "postern: 1\nset s = {\n    10.0.0.1, 10.0.0.2\n    10.0.0.3\n}\n" },
    { "variables", "postern: 1\n* : allow,A=\"b\",C=\"\"\n",
      "postern: 1\n* : allow, A=\"b\", C=\"\"\n" },
    { "no rule without its verdict", "postern: 1\n10.0.0.1 :\n", NULL },
    { "a brace that is not closed", "postern: 1\nset s = {\n10.0.0.1\n", NULL },
};

static enum pn_format_result
layout(const char *text, struct pn_buffer *out)
{
    struct pn_diags diags = { .limit = 1 };
    struct pn_source source;
    enum pn_format_result result;

    assert_true(pn_source_from_text(&source, "t.rules", pn_str_of_text(text)));
    result = pn_format_text(&source, &diags, out);
    pn_buffer_add(out, "", 1);
    assert_false(out->failed);
    assert_int_equal(diags.errors > 0, result == PN_FORMAT_REFUSED);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
    return result;
}

static void
each_text_has_one_layout(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(texts); i++) {
        struct pn_buffer once = { 0 }, twice = { 0 };
        enum pn_format_result want = texts[i].layout ? PN_FORMAT_OK : PN_FORMAT_REFUSED;

        if (layout(texts[i].text, &once) != want)
            fail_msg("%s: is %srefused", texts[i].label, texts[i].layout ? "" : "not ");
        if (texts[i].layout && strcmp(once.bytes, texts[i].layout) != 0)
            fail_msg("%s: is\n%s", texts[i].label, once.bytes);
        if (texts[i].layout && (layout(once.bytes, &twice) != PN_FORMAT_OK ||
                                strcmp(once.bytes, twice.bytes) != 0))
            fail_msg("%s: again, is\n%s", texts[i].label, twice.bytes);
        pn_buffer_free(&once);
        pn_buffer_free(&twice);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_has_one_layout),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
