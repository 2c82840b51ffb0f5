/* A run script as words: what a shell, execline or systemd would make of it, as far as
 * one can know without running it. */
#ifndef PN_TOOLS_SCRIPT_WORDS_H
#define PN_TOOLS_SCRIPT_WORDS_H

#include "base/buffer.h"
#include "base/source.h"

/*
 * Appends the text with those variables put in that it sets once, always, to a text
 * without anything in it that is worked out; not those that a branch, a function or a
 * command behind && sets. Whatever else may set them (a file that is read, a loop, a
 * folder of variables) leaves all as they are: unknown. Lines stay lines.
 */
bool
pn_script_expand(struct pn_str text, struct pn_buffer *out);

/* Where the reader of words is. */
struct pn_words {
    const char *at, *end;
    bool lines; /* a new line is a blank, as in execline */
};

struct pn_word {
    struct pn_buffer text; /* ours, with a NUL behind it; quotes are taken off */
    bool unknown;          /* it holds what is worked out when the script runs, */
    bool several;          /* and may come to no word, or several */
};

/* The next word of the command; false at its end. */
bool
pn_words_next(struct pn_words *words, struct pn_word *out);

#endif
