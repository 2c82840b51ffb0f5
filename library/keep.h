/* Texts, queries and places as the public face has them: as copies in an arena, or not.
 */
#ifndef PN_LIBRARY_KEEP_H
#define PN_LIBRARY_KEEP_H

#include "base/arena.h"
#include "base/source.h"
#include "postern/compiler.h"

/* A copy that ends in a NUL; ptr NULL for none, and without memory. */
struct postern_str
pn_text_keep(struct pn_arena *arena, struct pn_str text);

/* The same of a text that ends in a NUL; NULL, and an empty one, are none. */
struct postern_str
pn_words_keep(struct pn_arena *arena, const char *words);

/* A query with texts of its own. */
struct postern_query
pn_query_copy(struct pn_arena *arena, const struct postern_query *query);

/* The place of a span; its texts are those of the source. */
struct postern_place
pn_place_at(const struct pn_source *source, struct pn_span span);

/* Bytes that are given on as they were. */
static inline struct pn_str
pn_private_str(struct postern_str text)
{
    return (struct pn_str){ text.ptr, text.len };
}

#endif
