/* The words of the language, and those of other tools for the same. */
#ifndef PN_GRAMMAR_WORDS_H
#define PN_GRAMMAR_WORDS_H

#include "base/source.h"
#include "grammar/expected.h"

/* The verdict that a word stands for, in any case or misspelt: allow, deny or block;
 * NULL for none. */
const char *
pn_verdict_of(struct pn_str word);

/* Is it a word of the language? */
bool
pn_is_word(struct pn_str word);

/* A text of bytes a-z, A-Z and _, of two at least. */
bool
pn_is_plain_word(struct pn_str word);

/*
 * The word of the language that a person meant by another one, among those that are
 * expected: misspelt, in capitals, or what another tool calls it. NULL for none.
 */
const char *
pn_word_of(struct pn_str word, struct pn_expected expected);

/* Those that a statement can begin with. */
struct pn_expected
pn_words_first(void);

#endif
