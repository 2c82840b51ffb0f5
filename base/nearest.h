/* Did you mean ...: which of the words that there are was likely meant by another. */
#ifndef PN_BASE_NEAREST_H
#define PN_BASE_NEAREST_H

#include <stddef.h>

#include "base/str.h"

/* Longer words are near nothing: the work for two words is at most its square. */
enum { PN_NEAREST_LEN_MAX = 64 };

/*
 * How many bytes are to be inserted, deleted or replaced, or two neighbours swapped, to
 * make one word of the other; letters of ASCII whatever their case. SIZE_MAX when one
 * of them is longer than PN_NEAREST_LEN_MAX.
 */
size_t
pn_edits(struct pn_str a, struct pn_str b);

/*
 * The nearest of the words that were offered: that with the fewest edits, the first of
 * several. Near is a word with an edit for each three bytes of the longer one, or that
 * the other shortens: "comp" or "cmp" for "compile".
 */
struct pn_nearest {
    struct pn_str word;
    struct pn_str best; /* one that was offered, not a copy; its ptr is NULL when none
                           is near */
    size_t edits;       /* of the best */
};

void
pn_nearest_begin(struct pn_nearest *nearest, struct pn_str word);

void
pn_nearest_offer(struct pn_nearest *nearest, struct pn_str candidate);

/* That of a list that ends in NULL; NULL when none is near. */
const char *
pn_nearest_of(struct pn_str word, const char *const *words);

#endif
