/* The words of the language, with what is written behind them: for help. */
#ifndef PN_LSP_TERMS_H
#define PN_LSP_TERMS_H

#include "base/buffer.h"

/* Appends what a word means, if it is one, as Markdown. */
void
pn_term_write(struct pn_buffer *out, struct pn_str word);

/* A word and its parts, which begin where `parts` says in the label: ends with a part
 * of no size. */
struct pn_signature {
    const char *word, *label, *help;
    const char *parts[4];
};

/* By a number; NULL past the last. */
const struct pn_signature *
pn_signature_at(size_t number);

#endif
