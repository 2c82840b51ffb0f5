/* What stands beside an entry and is no remark, and what only looks like a blank. */
#ifndef PN_COMPILER_LIST_SIGNS_H
#define PN_COMPILER_LIST_SIGNS_H

#include "compiler/list_words.h"

/* Is a text one of these words, of which the last is NULL? */
bool
pn_list_is_among(struct pn_str text, const char *const *words);

/* Does a word, from 0, say that a range follows: a dash, "to", an arrow? */
bool
pn_list_is_range_sign(const struct pn_list_words *words, unsigned number);

/* Is it a slash that stands apart, and perhaps a length behind it? */
bool
pn_list_is_slash(const struct pn_list_words *words, unsigned number);

/* Is the second word a number that can be the length of the address before it, or one
 * behind a slash? */
bool
pn_list_is_length(const struct pn_list_words *words, const struct pn_target *entry);

/* The first blank of a text that is not one of ASCII, or has no width at all. */
bool
pn_list_blank_find(struct pn_str text, struct pn_str *at);

/* The first dash that is not the one of ASCII. */
bool
pn_list_dash_find(struct pn_str text, struct pn_str *at);

#endif
