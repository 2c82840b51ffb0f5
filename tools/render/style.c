/* Paint, and lines that are broken at blanks. */
#include "tools/render/style.h"

#include <string.h>

#include "tools/render/printed.h"

void
pn_style_paint(struct pn_output *out, const struct pn_style *style, const char *paint)
{
    if (style->color)
        pn_output_paint(out, paint);
}

void
pn_style_text(struct pn_output *out, const struct pn_style *style, const char *paint,
              const char *text)
{
    pn_style_paint(out, style, paint);
    pn_render_bytes(out, (struct pn_str){ text, strlen(text) });
    pn_style_paint(out, style, PN_PAINT_RESET);
}

struct pn_flow
pn_flow_begin(struct pn_output *out, const struct pn_style *style, size_t column,
              size_t indent)
{
    return (struct pn_flow){ out, style->width, indent, column, false };
}

void
pn_flow_word(struct pn_flow *flow, struct pn_str word)
{
    size_t width = pn_render_width(word);

    if (flow->gap && flow->width && flow->column + 1 + width > flow->width &&
        flow->column > flow->indent) {
        pn_output_format(flow->out, "\n%*s", (int)flow->indent, "");
        flow->column = flow->indent;
    } else if (flow->gap) {
        pn_output_add(flow->out, " ", 1);
        flow->column++;
    }
    pn_render_bytes(flow->out, word);
    flow->column += width;
    flow->gap = false;
}

void
pn_flow_line(struct pn_flow *flow, struct pn_str text)
{
    size_t at = 0;

    while (at < text.len && text.ptr[at] == ' ') /* what it is set in by */
        at++;
    pn_output_format(flow->out, "%*s", (int)at, "");
    flow->column += at;
    while (at < text.len) {
        size_t first = at;

        while (at < text.len && text.ptr[at] != ' ')
            at++;
        if (at > first)
            pn_flow_word(flow, (struct pn_str){ text.ptr + first, at - first });
        flow->gap |= at < text.len;
        while (at < text.len && text.ptr[at] == ' ')
            at++;
    }
}

void
pn_flow_words(struct pn_flow *flow, const char *text)
{
    pn_flow_line(flow, (struct pn_str){ text, strlen(text) });
}

void
pn_flow_end(struct pn_flow *flow)
{
    pn_output_text(flow->out, "\n");
}
