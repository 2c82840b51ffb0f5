/* Letters for tokens: errors are digits and signs. */
#include "tests/support/tokens.h"

#include "tests/support/harness.h"

#include "grammar/lexer.h"
#include "grammar/parser.h"

enum { TOKENS_MAX = 100 };

static char
letter(int kind)
{
    static const struct {
        int kind;
        char letter;
    } letters[] = {
        { PN_TOK_END, '.' },          { PN_TOK_KEY, 'K' },
        { PN_TOK_ALLOW, 'A' },        { PN_TOK_DENY, 'D' },
        { PN_TOK_NAME, 'N' },         { PN_TOK_VALUE, 'V' },
        { PN_TOK_NEWLINE, ';' },      { PN_TOK_SKIPPED, 'S' },
        { PN_TOK_NO_VERDICT, '1' },   { PN_TOK_NO_COMMA, '2' },
        { PN_TOK_NO_SIGN, '3' },      { PN_TOK_NO_VALUE, '4' },
        { PN_TOK_NO_END_QUOTE, '5' }, { PN_TOK_HEADER, 'H' },
        { PN_TOK_WORD, 'W' },         { PN_TOK_COMMA, ',' },
        { PN_TOK_COLON, ':' },        { PN_TOK_BLOCK, 'B' },
        { PN_TOK_SETTING, 'T' },      { PN_TOK_BAD, '!' },
        { PN_TOK_NO_BLANK, '6' },     { PN_TOK_SET, 's' },
        { PN_TOK_ENV, 'e' },          { PN_TOK_INCLUDE, 'i' },
        { PN_TOK_LIST, 'l' },         { PN_TOK_EXCEPT, 'x' },
        { PN_TOK_OPEN, '{' },         { PN_TOK_CLOSE, '}' },
        { PN_TOK_NAMED, 'n' },        { PN_TOK_SIGN, '=' },
        { PN_TOK_GROUP, '$' },        { PN_TOK_AT, '@' },
        { PN_TOK_LEAST, '>' },        { PN_TOK_MOST, '<' },
        { PN_TOK_COUNT, '#' },
    };

    for (size_t i = 0; i < PN_COUNT_OF(letters); i++)
        if (letters[i].kind == kind)
            return letters[i].letter;
    return '?';
}

void
pn_test_scan(struct pn_str text, enum pn_dialect dialect, struct pn_buffer *kinds,
             struct pn_buffer *spans)
{
    struct pn_source source;
    struct pn_lexer lexer;
    struct pn_token token;

    assert_true(pn_source_from_text(&source, "s", text));
    pn_lexer_begin(&lexer, &source, dialect);
    do {
        char kind;

        token = pn_lexer_next(&lexer);
        kind = letter(token.kind);
        pn_buffer_add(kinds, &kind, 1);
        pn_buffer_add_format(spans, "%s%u+%u", spans->size ? " " : "", token.offset,
                             token.size);
    } while (token.kind != PN_TOK_END && kinds->size < TOKENS_MAX);
    pn_buffer_add(kinds, "", 1);
    pn_buffer_add(spans, "", 1);
    pn_source_clear(&source);
}
