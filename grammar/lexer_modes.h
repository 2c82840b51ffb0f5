/* What the files of the lexer share: a mode is a function. */
#ifndef PN_GRAMMAR_LEXER_MODES_H
#define PN_GRAMMAR_LEXER_MODES_H

#include "grammar/lexer.h"

/* A token from `from` to `to`, where the lexer goes on. */
static inline struct pn_token
pn_lexer_token(struct pn_lexer *lexer, uint32_t from, uint32_t to, int kind)
{
    lexer->at = to;
    return (struct pn_token){ from, to - from, kind };
}

struct pn_token
pn_lex_extended_header(struct pn_lexer *lexer);

struct pn_token
pn_lex_extended_left(struct pn_lexer *lexer);

struct pn_token
pn_lex_extended_right(struct pn_lexer *lexer);

struct pn_token
pn_lex_extended_name(struct pn_lexer *lexer);

struct pn_token
pn_lex_extended_by(struct pn_lexer *lexer);

/* The kind of a word on the left: behind a list it may be one of its bounds, which is
 * reserved nowhere else. */
int
pn_lex_word(const struct pn_lexer *lexer, uint32_t from, uint32_t to);

#endif
