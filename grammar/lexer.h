/* Text to tokens, one at a time. */
#ifndef PN_GRAMMAR_LEXER_H
#define PN_GRAMMAR_LEXER_H

#include <stdbool.h>

#include "base/source.h"
#include "grammar/dialect.h"
#include "grammar/token.h"

/* Each mode is a function of the lexer; a dialect is the mode it begins a line in. */
enum pn_lex_mode {
    PN_LEX_CLASSIC_LINE,  /* at the start of a line of the classic dialect */
    PN_LEX_CLASSIC_REST,  /* behind the key and its colon */
    PN_LEX_CLASSIC_VALUE, /* behind the = of an assignment */
    PN_LEX_EXTENDED_HEADER,
    PN_LEX_EXTENDED_LEFT,  /* targets, up to their colon */
    PN_LEX_EXTENDED_RIGHT, /* behind it */
    PN_LEX_EXTENDED_NAME,  /* behind set or env: a name, and its sign */
    PN_LEX_EXTENDED_BY,    /* behind by: one target */
};

/* The source outlives it, and the tokens that lead into it. */
struct pn_lexer {
    const struct pn_source *source;
    uint32_t at; /* offset of the next byte to look at */
    uint32_t
        line_end; /* of this line without trailing blanks; 0 until it is asked for */
    enum pn_lex_mode mode;
    int last;           /* the kind of the token before */
    bool env;           /* the current definition is an env */
    bool in_braces;     /* where a line's end separates; */
    uint32_t opened_at; /* and where they began */
};

void
pn_lexer_begin(struct pn_lexer *lexer, const struct pn_source *source,
               enum pn_dialect dialect);

/* The next token; for ever PN_TOK_END behind the last one. */
struct pn_token
pn_lexer_next(struct pn_lexer *lexer);

#endif
