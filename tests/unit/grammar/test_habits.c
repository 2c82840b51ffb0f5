/* grammar/habits: each way to go wrong, its place, and what is to be written */
#include "tests/support/harness.h"

#include <stdio.h>
#include <string.h>

#include "grammar/parse.h"

enum { LINE = 300 };

struct row {
    const char *line; /* the last of a file */
    enum pn_diag_id id;
    const char *at; /* what is pointed at, to the end of the line or a prefix of it */
    const char *mended; /* the line with the mend; NULL for none */
};

static bool
take(void *payload, const struct pn_tree *tree, const struct pn_node *statement)
{
    (void)payload;
    (void)tree;
    (void)statement;
    return true;
}

static void
apply(const struct pn_diag *diag, char *out)
{
    const struct pn_fix *fix = &diag->fixes[0];
    size_t front = fix->column - 1;

    snprintf(out, LINE, "%.*s%s%.*s", (int)front, diag->at.line_text, fix->text,
             (int)(diag->at.line_len - front - fix->size),
             diag->at.line_text + front + fix->size);
}

static void
check(const struct row *row, enum pn_dialect dialect)
{
    char text[LINE], mended[LINE];
    struct pn_diags diags = { .limit = 5 };
    struct pn_source source;
    const struct pn_diag *diag;

    snprintf(text, sizeof(text), "%s%s\n", dialect == PN_EXTENDED ? "postern: 1\n" : "",
             row->line);
    assert_true(
        pn_source_from_text(&source, "x", (struct pn_str){ text, strlen(text) }));
    assert_true(pn_parse_stream(&source, dialect, &diags, take, NULL));
    if (diags.count != 1)
        fail_msg("%s: %zu faults", row->line, diags.count);
    diag = &diags.items[0];
    if (diag->id != row->id)
        fail_msg("%s: %s", row->line, pn_diag_info[diag->id].slug);
    assert_int_equal(
        strncmp(diag->at.line_text + diag->at.column - 1, row->at, strlen(row->at)), 0);
    assert_int_equal(diag->fix_count, row->mended ? 1 : 0);
    if (row->mended) {
        apply(diag, mended);
        assert_string_equal(mended, row->mended);
    }
    pn_diags_clear(&diags);
    pn_source_clear(&source);
}

static void
classic_habits(void **state)
{
    static const struct row rows[] = {
        { "1.:allow\r", PN_DIAG_CARRIAGE_RETURN, "\r", NULL },
        { "1.:allow,X=\"a\"\r", PN_DIAG_CARRIAGE_RETURN, "\r", NULL },
        { "1.:allow\r2.:deny\r", PN_DIAG_CARRIAGE_RETURN, "\r2", NULL },
        { "1.:allow,\\", PN_DIAG_CONTINUED_LINE, ",\\", NULL },
        { "1.:allow, \\ ", PN_DIAG_CONTINUED_LINE, ", \\", NULL },
        { "1.:allow,X=\"a\"\\\r", PN_DIAG_CONTINUED_LINE, "\\", NULL },
        { "1.:allow,", PN_DIAG_CONTINUED_LINE, ",", NULL },
        { "1.:allow \\", PN_DIAG_CONTINUED_LINE, "\\", NULL },
        { "1.:allow,X=\u201c\u201d", PN_DIAG_TYPOGRAPHIC_QUOTE, "\u201c\u201d",
          "1.:allow,X=\"\"" },
        { "1.:allow,X=\u201ca b\u201d,Y=\"c\"", PN_DIAG_TYPOGRAPHIC_QUOTE, "\u201ca",
          "1.:allow,X=\"a b\",Y=\"c\"" },
        { "1.:allow,X=\u2018a\u2019", PN_DIAG_TYPOGRAPHIC_QUOTE, "\u2018",
          "1.:allow,X=\"a\"" },
        { "1.:allow,X=\u201ea\u201c", PN_DIAG_TYPOGRAPHIC_QUOTE, "\u201e",
          "1.:allow,X=\"a\"" },
        { "1.:allow,X=\u00aba\u00bb", PN_DIAG_TYPOGRAPHIC_QUOTE, "\u00ab",
          "1.:allow,X=\"a\"" },
        { "1.:allow2.:deny", PN_DIAG_JOINED_RULES, "2.:deny", "1.:allow\n2.:deny" },
        { "1.:allow,X=\"\"198.51.100.7:allow,X=\"\"", PN_DIAG_JOINED_RULES, "198",
          "1.:allow,X=\"\"\n198.51.100.7:allow,X=\"\"" },
        { "1.:deny=.example:allow", PN_DIAG_JOINED_RULES, "=.ex",
          "1.:deny\n=.example:allow" },
        { "1.:deny:allow", PN_DIAG_JOINED_RULES, ":allow", "1.:deny\n:allow" },
        { "1.:deny2001:db8::1:deny", PN_DIAG_JOINED_RULES, "2001",
          "1.:deny\n2001:db8::1:deny" },
        /* and what is none of them */
        { "1.:allow x", PN_DIAG_NO_COMMA, " x", NULL },
        { "1.:allowed", PN_DIAG_NO_COMMA, "ed", NULL },
        { "1.:allow,X", PN_DIAG_NO_EQUALS_SIGN, ",X", "1.:allow,X=\"\"" },
        { "1.:allow,X=y", PN_DIAG_NO_END_QUOTE, "y", "1.:allow,X=\"y\"" },
        { "1.:allow X=\"y\"", PN_DIAG_NO_COMMA, " X", "1.:allow,X=\"y\"" },
        { "1.:alow", PN_DIAG_NO_VERDICT, "1.", "1.:allow" },
        { "fe80::de", PN_DIAG_NO_VERDICT, "fe80", NULL }, /* which is no "deny" */
        { "1.:allow,X=\"\\", PN_DIAG_NO_END_QUOTE, "\"\\", NULL },
        { "1.:maybe", PN_DIAG_NO_VERDICT, "1.", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i], PN_CLASSIC);
}

static void
classic_verdicts_and_comments(void **state)
{
    static const struct row rows[] = {
        { "1.: allow", PN_DIAG_NO_VERDICT, "1.", "1.:allow" },
        { "1.:\tDENY,X=\"y\"", PN_DIAG_NO_VERDICT, "1.", "1.:deny,X=\"y\"" },
        { "1.:Allow", PN_DIAG_NO_VERDICT, "1.", "1.:allow" },
        { "2001:db8::1:reject", PN_DIAG_NO_VERDICT, "2001", "2001:db8::1:deny" },
        { "1.:block", PN_DIAG_NO_VERDICT, "1.", "1.:deny" },
        { "1. : allow", PN_DIAG_NO_VERDICT, "1.", "1.:allow" },
        { "  1.\t:\tallow,X=\"y\"", PN_DIAG_NO_VERDICT, "1.", "1.:allow,X=\"y\"" },
        { "joe@=mx.example : permit", PN_DIAG_NO_VERDICT, "joe",
          "joe@=mx.example:allow" },
        { " : deny", PN_DIAG_NO_VERDICT, ":", ":deny" },
        { "sshd: 1. : allow", PN_DIAG_NO_VERDICT, "sshd", NULL }, /* no key */
        { "ALL : ALL : deny", PN_DIAG_NO_VERDICT, "ALL", NULL },
        { "sshd:1.: deny", PN_DIAG_NO_VERDICT, "sshd", NULL },
        { "1.:allow # x", PN_DIAG_COMMENT_LINE, "# x", "1.:allow\n# x" },
        { "1.:allow,X=\"a\"\t#x:deny", PN_DIAG_COMMENT_LINE, "#x",
          "1.:allow,X=\"a\"\n#x:deny" },
        { "1.:deny#x", PN_DIAG_COMMENT_LINE, "#x", "1.:deny\n#x" },
        { "1.:deny ; x", PN_DIAG_COMMENT_LINE, "; x", NULL },
        { "1.:deny // x", PN_DIAG_COMMENT_LINE, "// x", NULL },
        { "  # x: y", PN_DIAG_COMMENT_LINE, "# x", "# x: y" },
        { "\t#x : allow", PN_DIAG_COMMENT_LINE, "#x", "#x : allow" },
        { "; x: y", PN_DIAG_COMMENT_LINE, "; x", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i], PN_CLASSIC);
}

static void
extended_habits(void **state)
{
    static const struct row rows[] = {
        { "1. : Deny", PN_DIAG_BAD_VERDICT, "Deny", "1. : deny" },
        { "1. : reject", PN_DIAG_BAD_VERDICT, "reject", "1. : deny" },
        { "1. : drop", PN_DIAG_BAD_VERDICT, "drop", "1. : deny" },
        { "1. : ACCEPT, X=\"y\"", PN_DIAG_BAD_VERDICT, "ACC", "1. : allow, X=\"y\"" },
        { "1. : permit", PN_DIAG_BAD_VERDICT, "permit", "1. : allow" },
        { "1. : OK", PN_DIAG_BAD_VERDICT, "OK", "1. : allow" },
        { "1. : limit 3", PN_DIAG_BAD_VERDICT, "limit", NULL },
        { "1. : perhaps", PN_DIAG_BAD_VERDICT, "perhaps", NULL },
        { "set a = file d.txt", PN_DIAG_NO_QUOTES, "d.txt", "set a = file \"d.txt\"" },
        { "set a = 1., file ../d.txt", PN_DIAG_NO_QUOTES, "../d",
          "set a = 1., file \"../d.txt\"" },
        { "file /etc/d : deny", PN_DIAG_NO_QUOTES, "/etc", "file \"/etc/d\" : deny" },
        { "include x.rules", PN_DIAG_NO_QUOTES, "x.rules", "include \"x.rules\"" },
        { "1. : allow, X=y", PN_DIAG_NO_QUOTES, "X=y", "1. : allow, X=\"y\"" },
        { "1. : allow, X=/a/b, Y=\"c\"", PN_DIAG_NO_QUOTES, "X=/a/b",
          "1. : allow, X=\"/a/b\", Y=\"c\"" },
        { "1. : allow, X=", PN_DIAG_NO_QUOTES, "X=", "1. : allow, X=\"\"" },
        { "env e = X=y", PN_DIAG_NO_QUOTES, "X=y", "env e = X=\"y\"" },
        { "1. : allow, owner me", PN_DIAG_NO_QUOTES, "me", "1. : allow, owner \"me\"" },
        { "1. : allow, X=\u201cy z\u201d", PN_DIAG_TYPOGRAPHIC_QUOTE, "\u201c",
          "1. : allow, X=\"y z\"" },
        { "include \u201cx.rules\u201d", PN_DIAG_TYPOGRAPHIC_QUOTE, "\u201c",
          "include \"x.rules\"" },
        { "1. : allow \\", PN_DIAG_CONTINUED_LINE, "\\", NULL },
        { "1. : allow2. : deny", PN_DIAG_JOINED_RULES, "2. ", "1. : allow\n2. : deny" },
        { "1. : allow, X=\"\"2. : deny", PN_DIAG_JOINED_RULES, "2. ",
          "1. : allow, X=\"\"\n2. : deny" },
        { "1. : deny=.example : allow", PN_DIAG_JOINED_RULES, "=.ex",
          "1. : deny\n=.example : allow" },
        { "1. : deny* : allow", PN_DIAG_JOINED_RULES, "* :", "1. : deny\n* : allow" },
        { "expect 1.2.3.4 : reject", PN_DIAG_UNEXPECTED, "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i], PN_EXTENDED);
}

/* A file saved by the wrong editor has one fault, not one a line. */
static void
returns_are_told_once(void **state)
{
    struct pn_diags diags = { .limit = 5 };
    struct pn_source source;

    (void)state;
    assert_true(pn_source_from_text(
        &source, "x", (struct pn_str){ "1.:allow\r\n\r\n2.:deny\r\n:deny x\r\n", 31 }));
    assert_true(pn_parse_stream(&source, PN_CLASSIC, &diags, take, NULL));
    assert_int_equal(diags.count, 2);
    assert_int_equal(diags.items[0].id, PN_DIAG_CARRIAGE_RETURN);
    assert_int_equal(diags.items[1].id, PN_DIAG_NO_COMMA);
    pn_diags_clear(&diags);
    pn_source_clear(&source);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classic_habits),
        cmocka_unit_test(classic_verdicts_and_comments),
        cmocka_unit_test(extended_habits),
        cmocka_unit_test(returns_are_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
