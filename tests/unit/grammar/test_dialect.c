/* grammar/dialect and lexer_extended */
#include "tests/support/harness.h"

#include "grammar/dialect.h"
#include "tests/support/tokens.h"

static const struct {
    const char *text;
    const char *version; /* NULL: classic */
} headers[] = {
    { "postern: 1", "1" },
    { "postern: 1\n", "1" },
    { "\xef\xbb\xbfpostern:1\r\n", "1" },
    { "# x\n\n \t\n  postern \t: 1 # why\n", "1" },
    { "postern:deny 1\n", "1" },
    { "postern : deny\t12\n", "12" },
    { "", NULL },
    { "# postern: 1", NULL },
    { "postern:deny\n", NULL },
    { "postern:deny1\n", NULL },
    { "postern: x\n", NULL },
    { "postern: 1x\n", NULL },
    { "postern 1\n", NULL },
    { "10.:allow\npostern: 1\n", NULL },
};

static void
the_first_line_tells_the_dialect(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(headers); i++) {
        const char *want = headers[i].version;
        struct pn_header header = { 0 };
        struct pn_source source;
        enum pn_dialect dialect;

        assert_true(pn_source_from_text(
            &source, "s", (struct pn_str){ headers[i].text, strlen(headers[i].text) }));
        dialect = pn_dialect_of(&source, &header);
        if ((dialect == PN_EXTENDED) != (want != NULL) ||
            (want && (header.version.len != strlen(want) ||
                      memcmp(header.version.ptr, want, header.version.len) != 0)))
            fail_msg("%s", headers[i].text);
        pn_source_clear(&source);
    }
}

static const struct {
    const char *label, *text; /* behind the header line */
    const char *kinds;
} texts[] = {
    { "nothing", "", "." },
    { "gaps", "\n # x\n\t\r\n", "." },
    { "a rule", "10.1.0.0/16 : allow\n", "W:A;." },
    { "no blanks, no newline", "10.1.:deny", "W:D;." },
    { "a list", "10.1.2.3, =x.y ,* : block\n", "W,W,W:B;." },
    { "a comma continues", "10.1.2.3, # one\n\n  10.1.2.4 : allow,\n A=\"b\"\n",
      "W,W:A,TV;." },
    { "settings", "* : allow, A=\"b\\\"\", C='d\"' # x\n", "W:A,TV,TV;." },
    { "IPv6 with a blank", "2001:db8::7 : allow\n", "W:A;." },
    { "IPv6 without a blank", "2001:db8::7: allow\n", "6W;." },
    { "IPv6 with a length", "2001:db8::/32: allow\n", "W:A;." },
    { "IPv6 in brackets", "[2001:db8::7]:allow\n", "W:A;." },
    { "IPv6 range", "2001:db8::1-2001:db8::ff : allow\n", "W:A;." },
    { "an ident before each form",
      "joe@10.1.2.3, j-o.e_+@::1 , \"a b\"@=h, \"\"@*:deny\n", "W,W,W,W:D;." },
    { "a quote without end", "* : allow, A=\"b\n* : deny\n", "W:A,T5;W:D;." },
    { "an escaped quote at the end", "* : allow, A=\"b\\\n", "W:A,T5;." },
    { "a stray byte", "10.1.2.3 [ : allow\n", "W!:A;." },
    { "a word that is no verdict", "* : allowed\n", "W:!;." },
    { "a set on a line", "set a=10.1.2.3, $b except ::1 , file 'x'\n",
      "sn=W,WxW,lV;." },
    { "bounds of a list", "set d = file 'l' at least 5 at  most 9, at, least\n",
      "sn=lV@>#@<#,W,W;." },
    { "words that are no bounds",
      "file 'l' at 5, least 3, file 'l' at most x : allow\n", "lVWW,WW,lV@<W:A;." },
    { "a set in braces", "set a = {\n10.1.2.3 # x\n\n$b,\n} except $c\n",
      "sn={;W;W,;}xW;." },
    { "the first sign is the definition's", "set a==h\n", "sn=W;." },
    { "groups", "env e = A=\"b\", $f\n* : allow, $e\n", "en=TV,$;W:A,$;." },
    { "an include", "include \"x\"\n", "iV;." },
    { "a keyword is one where a statement begins", "10.1.2.3, set : deny\n",
      "W,W:D;." },
};

static void
lexer_scans_the_extended_dialect(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(texts); i++) {
        struct pn_buffer text = { 0 }, kinds = { 0 }, spans = { 0 };

        pn_buffer_add_format(&text, "postern: 1\n%s", texts[i].text);
        pn_test_scan((struct pn_str){ text.bytes, text.size }, PN_EXTENDED, &kinds,
                     &spans);
        if (memcmp(kinds.bytes, "H;", 2) != 0 ||
            strcmp(kinds.bytes + 2, texts[i].kinds) != 0)
            fail_msg("%s: %s", texts[i].label, kinds.bytes);
        pn_buffer_free(&text);
        pn_buffer_free(&kinds);
        pn_buffer_free(&spans);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_tells_the_dialect),
        cmocka_unit_test(lexer_scans_the_extended_dialect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
