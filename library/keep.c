/* Copying. */
#include "library/keep.h"

#include <string.h>

#include "library/session.h"

struct postern_str
pn_text_keep(struct pn_arena *arena, struct pn_str text)
{
    char *copy = text.ptr ? pn_arena_zalloc(arena, text.len + 1) : NULL;

    if (!copy)
        return (struct postern_str){ NULL, 0 };
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return (struct postern_str){ copy, text.len };
}

struct postern_str
pn_words_keep(struct pn_arena *arena, const char *words)
{
    if (!words || !*words)
        return (struct postern_str){ NULL, 0 };
    return pn_text_keep(arena, pn_str_of_text(words));
}

struct postern_query
pn_query_copy(struct pn_arena *arena, const struct postern_query *query)
{
    struct postern_query copy = *query;

    copy.host = pn_text_keep(arena, pn_private_str(query->host));
    copy.ident = pn_text_keep(arena, pn_private_str(query->ident));
    return copy;
}

struct postern_place
pn_place_at(const struct pn_source *source, struct pn_span span)
{
    struct pn_position position = pn_source_position(source, span.offset);
    struct postern_place place = { .file = pn_public_text(source->name),
                                   .line = (uint32_t)position.line,
                                   .column = (uint32_t)position.column,
                                   .offset = span.offset,
                                   .size = span.size,
                                   .excerpt_at = (uint32_t)(position.column - 1) };

    if (!source->hidden)
        place.excerpt = pn_public_str(pn_source_slice(source, position.whole_line));
    return place;
}
