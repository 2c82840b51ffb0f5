/* Words that other tools have for a verdict. */
#ifndef PN_GRAMMAR_VERDICT_WORDS_H
#define PN_GRAMMAR_VERDICT_WORDS_H

#include "base/source.h"

/* The verdict that a word stands for, in any case: allow, deny or block; NULL for none.
 */
const char *
pn_verdict_of(struct pn_str word);

#endif
