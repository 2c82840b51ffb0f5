/* Diagnostics as a person reads them. */
#ifndef PN_TOOLS_RENDER_TEXT_H
#define PN_TOOLS_RENDER_TEXT_H

#include "base/diagnostic.h"
#include "base/output.h"

/* In the place of a line of a file whose lines are not shown. */
#define PN_NOT_SHOWN "not shown: not everybody may read this file"

#define PN_PAINT_RESET "\033[0m"
#define PN_PAINT_BOLD "\033[1m"

extern const char *const pn_severity_paint[]; /* by enum pn_severity */

/* A line, or a part of it, and a span in it. */
struct pn_shown {
    size_t line;
    struct pn_str text;
    size_t front, size; /* bytes */
};

/* The line and a mark under the span, behind which the line is not ended. */
void
pn_render_shown(struct pn_output *output, const struct pn_shown *shown, char mark,
                const char *color);

/*
 * Each diagnostic in four or five lines: place and message, the source line, a caret
 * line under the span, help. Then how many more there are. Bytes that a terminal would
 * obey are shown as escapes; long lines are cut around the span.
 */
void
pn_render_text(struct pn_output *output, const struct pn_diags *diags, bool color);

/* Bytes with control and non-ASCII-control bytes as \xHH, UTF-8 as it is. */
void
pn_render_bytes(struct pn_output *output, struct pn_str bytes);

#endif
