/* Bytes that nobody vouches for, as text on a terminal. */
#ifndef PN_TOOLS_RENDER_PRINTED_H
#define PN_TOOLS_RENDER_PRINTED_H

#include "base/output.h"
#include "base/str.h"

/* In the place of a line of a file whose lines are not shown. */
#define PN_NOT_SHOWN "not shown: not everybody may read this file"

/* A line, or a part of it, and a span in it. */
struct pn_shown {
    size_t line;
    struct pn_str text;
    size_t front, size; /* bytes */
};

/* As many blanks as stand before the span. Returns how many columns those are. */
size_t
pn_render_front(struct pn_output *output, const struct pn_shown *shown);

/* A mark under each column of the span, one at least. Returns how many. */
size_t
pn_render_underline(struct pn_output *output, const struct pn_shown *shown, char mark);

/* How many columns of a terminal the bytes take, as pn_render_bytes() writes them. */
size_t
pn_render_width(struct pn_str bytes);

/*
 * Bytes that are no text, control characters and those that show nothing as \xHH, other
 * UTF-8 as it is.
 */
void
pn_render_bytes(struct pn_output *output, struct pn_str bytes);

/* The same of a line of a file, whose tabs go to every eighth column. */
void
pn_render_line(struct pn_output *output, struct pn_str bytes);

#endif
