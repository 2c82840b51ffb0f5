/* How a stream is written to: with which colours, in which layout, how wide. */
#ifndef PN_TOOLS_RENDER_STYLE_H
#define PN_TOOLS_RENDER_STYLE_H

#include "base/output.h"

#define PN_PAINT_RESET "\033[0m"
#define PN_PAINT_BOLD "\033[1m"
#define PN_PAINT_DIM "\033[2m"
#define PN_PAINT_UNDERLINE "\033[4m"
#define PN_PAINT_RED "\033[31m"
#define PN_PAINT_GREEN "\033[32m"
#define PN_PAINT_YELLOW "\033[33m"
#define PN_PAINT_CYAN "\033[36m"

enum { PN_WIDTH_MIN = 60 };

struct pn_style {
    bool color;
    bool headed;  /* what it is about first, then its place: for a person who looks on.
                     Else the place begins each line that names one, for programs that
                     read along, and for grep. */
    size_t width; /* of lines, at least PN_WIDTH_MIN; 0: they are not broken */
};

/* A control sequence, where there is colour. */
void
pn_style_paint(struct pn_output *out, const struct pn_style *style, const char *paint);

/* The same around a text. */
void
pn_style_text(struct pn_output *out, const struct pn_style *style, const char *paint,
              const char *text);

/* A paragraph whose lines are broken at blanks, where there is a width. */
struct pn_flow {
    struct pn_output *out;
    size_t width, indent, column; /* indent: of the lines behind the first */
    bool gap;                     /* a blank is due before the next word */
};

/* `column` is where the cursor stands. */
struct pn_flow
pn_flow_begin(struct pn_output *out, const struct pn_style *style, size_t column,
              size_t indent);

/* Words with blanks between; unprintable bytes as escapes. */
void
pn_flow_words(struct pn_flow *flow, const char *text);

/* The same; blanks at its front stay. */
void
pn_flow_line(struct pn_flow *flow, struct pn_str text);

/* One word, which may have blanks in it; it stands right behind the last one unless
 * that ended in a blank. */
void
pn_flow_word(struct pn_flow *flow, struct pn_str word);

/* Ends the line. */
void
pn_flow_end(struct pn_flow *flow);

#endif
