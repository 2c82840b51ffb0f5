/* Diagnostics as a person reads them. */
#ifndef PN_TOOLS_RENDER_TEXT_H
#define PN_TOOLS_RENDER_TEXT_H

#include "base/diagnostic.h"
#include "base/output.h"
#include "tools/render/style.h"

/* In the place of a line of a file whose lines are not shown. */
#define PN_NOT_SHOWN "not shown: not everybody may read this file"

extern const char *const pn_severity_paint[]; /* by enum pn_severity */

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

/*
 * Each diagnostic in four or five lines: place and message, the source line, a caret
 * line under the span, help. Then how many more there are. Bytes that a terminal would
 * obey are shown as escapes; long lines are cut around the span.
 */
void
pn_render_text(struct pn_output *output, const struct pn_diags *diags,
               const struct pn_style *style);

/* "   help: ", and what would help. */
void
pn_render_help(struct pn_output *output, const struct pn_style *style,
               const char *help);

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
