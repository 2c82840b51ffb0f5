/* The statements that long files have most of, read without the parser. */
#ifndef PN_GRAMMAR_PLAIN_H
#define PN_GRAMMAR_PLAIN_H

#include "grammar/build.h"

/*
 * Reads the statements that come next, as long as they are an address or a prefix, a
 * colon and a verdict; for whoever wants the first token of a statement. Nothing where
 * another token is next, or when a syntax error was found before: the parser counts
 * tokens to recover from one.
 */
void
pn_build_plain(struct pn_build *b);

#endif
