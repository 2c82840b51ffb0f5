/* grammar/lexer: the classic dialect */
#include "tests/support/harness.h"

#include "tests/support/tokens.h"

#define TEXT(text) text, sizeof(text) - 1

static const struct {
    const char *label, *text;
    size_t size;
    const char *kinds, *spans;
} files[] = {
    { "empty", TEXT(""), ".", "0+0" },
    { "a rule", TEXT("10.:allow\n"), "KA;.", "0+4 4+5 9+1 10+0" },
    { "no last newline", TEXT("10.:deny"), "KD;.", "0+4 4+4 8+0 8+0" },
    { "the empty key", TEXT(":deny\n"), "KD;.", "0+1 1+4 5+1 6+0" },
    { "comments and blanks are gaps", TEXT("# x\n \t\n\n#:allow\n:deny # y\n"), "KD2;.",
      "16+1 17+4 21+4 25+1 26+0" },
    { "a comment at the end of the file", TEXT("# x"), ".", "3+0" },
    { "blanks at the end of the file", TEXT(":allow\n  "), "KA;.", "0+1 1+5 6+1 7+0" },
    { "a line without a colon", TEXT("word  \n"), "S;.", "0+4 4+3 7+0" },
    { "a line without a colon at the end", TEXT("word"), "S;.", "0+4 4+0 4+0" },
    { "colons without a verdict", TEXT("a:b:c \n"), "1;.", "0+5 5+2 7+0" },
    { "the first colon with a verdict", TEXT("::1:deny:allow\n"), "KD2;.",
      "0+4 4+4 8+6 14+1 15+0" },
    { "an assignment", TEXT("1:allow,A=\"b\"\n"), "KANV;.",
      "0+2 2+5 7+3 10+3 13+1 14+0" },
    { "a colon in a value is no key", TEXT("1:allow,A=\":deny\"\n"), "KANV;.",
      "0+2 2+5 7+3 10+7 17+1 18+0" },
    { "two assignments and blanks", TEXT("1:deny,A=/b/,C=\"\" \t\n"), "KDNVNV;.",
      "0+2 2+4 6+3 9+3 12+3 15+2 17+3 20+0" },
    { "a comma in a name", TEXT("1:deny,,A=\"\"\n"), "KDNV;.",
      "0+2 2+4 6+4 10+2 12+1 13+0" },
    { "no sign", TEXT("1:deny,A\n2:deny\n"), "KD3;KD;.",
      "0+2 2+4 6+2 8+1 9+2 11+4 15+1 16+0" },
    { "no value", TEXT("1:deny,A= \n"), "KDN4;.", "0+2 2+4 6+3 9+0 9+2 11+0" },
    { "no closing quote", TEXT("1:deny,A=b c\n"), "KDN5;.",
      "0+2 2+4 6+3 9+3 12+1 13+0" },
    { "a value does not reach into the next line", TEXT("1:deny,A=\"b\n\":deny\n"),
      "KDN5;KD;.", "0+2 2+4 6+3 9+2 11+1 12+2 14+4 18+1 19+0" },
    { "trailing blanks close no value", TEXT("1:deny,A= b \n"), "KDN5;.",
      "0+2 2+4 6+3 9+2 11+2 13+0" },
    { "NUL in a key, a name and a value", TEXT("1\0:deny,\0=\"\0\"\n"), "KDNV;.",
      "0+3 3+4 7+3 10+3 13+1 14+0" },
    { "NUL as a line", TEXT("\0\n"), "S;.", "0+1 1+1 2+0" },
    { "a carriage return is a stray byte", TEXT("1:deny\r\n"), "KD2;.",
      "0+2 2+4 6+1 7+1 8+0" },
    { "a longer word than the verdict", TEXT("1:allowed\n"), "KA2;.",
      "0+2 2+5 7+2 9+1 10+0" },
    { "blanks before a stray byte", TEXT("1:allow \t,A=\"\""), "KA2;.",
      "0+2 2+5 7+7 14+0 14+0" },
};

static void
lexer_scans_whole_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(files); i++) {
        struct pn_buffer kinds = { 0 }, spans = { 0 };

        pn_test_scan((struct pn_str){ files[i].text, files[i].size }, PN_CLASSIC,
                     &kinds, &spans);
        if (strcmp(kinds.bytes, files[i].kinds) || strcmp(spans.bytes, files[i].spans))
            fail_msg("%s: %s %s", files[i].label, kinds.bytes, spans.bytes);
        pn_buffer_free(&kinds);
        pn_buffer_free(&spans);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lexer_scans_whole_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
