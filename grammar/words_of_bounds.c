/* The words behind a list, which are words elsewhere. */
#include <string.h>

#include "grammar/lexer_modes.h"
#include "grammar/parser.h"

/* Do "least" or "most" come next? */
static bool
is_bound(const char *at)
{
    while (pn_is_gap(*at))
        at++;
    return strncmp(at, "least", 5) == 0 || strncmp(at, "most", 4) == 0;
}

int
pn_lex_word(const struct pn_lexer *lexer, uint32_t from, uint32_t to)
{
    const char *text = lexer->source->text;
    struct pn_str word = { text + from, to - from };

    switch (lexer->last) {
    case PN_TOK_VALUE:
    case PN_TOK_COUNT:
        return pn_str_is(word, "at") && is_bound(text + to) ? PN_TOK_AT : PN_TOK_WORD;
    case PN_TOK_AT:
        if (pn_str_is(word, "least"))
            return PN_TOK_LEAST;
        return pn_str_is(word, "most") ? PN_TOK_MOST : PN_TOK_WORD;
    case PN_TOK_LEAST:
    case PN_TOK_MOST:
        return strspn(word.ptr, "0123456789") >= word.len ? PN_TOK_COUNT : PN_TOK_WORD;
    default:
        return PN_TOK_WORD;
    }
}
