/* Marks are few: they are put in order by insertion. */
#include "tools/render/snippet.h"

#include <string.h>

const char *const pn_severity_paint[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };

static bool
is_file_of(const struct pn_mark *a, const struct pn_mark *b)
{
    return strcmp(a->file, b->file) == 0;
}

/* The number of the first mark of this mark's file: files come in that order. */
static size_t
file_rank(const struct pn_mark *marks, const struct pn_mark *mark)
{
    size_t rank = 0;

    while (!is_file_of(&marks[rank], mark))
        rank++;
    return rank;
}

static bool
is_before(const struct pn_mark *marks, const struct pn_mark *a, const struct pn_mark *b)
{
    size_t left = file_rank(marks, a), right = file_rank(marks, b);

    if (left != right)
        return left < right;
    if (a->shown.line != b->shown.line)
        return a->shown.line < b->shown.line;
    return a->shown.front < b->shown.front;
}

static size_t
order_make(const struct pn_mark *marks, size_t count, const struct pn_mark **order)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = i;

        while (at && is_before(marks, &marks[i], order[at - 1])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = &marks[i];
    }
    return count;
}

/* Of one line, and the same part of it? */
static bool
is_line_of(const struct pn_mark *a, const struct pn_mark *b)
{
    return is_file_of(a, b) && a->shown.line == b->shown.line &&
           a->hidden == b->hidden && a->shown.text.len == b->shown.text.len &&
           memcmp(a->shown.text.ptr, b->shown.text.ptr, a->shown.text.len) == 0;
}

static void
line_write(struct pn_output *out, const struct pn_style *style,
           const struct pn_mark *mark)
{
    pn_style_paint(out, style, PN_PAINT_CYAN);
    pn_output_format(out, "%5zu |", mark->shown.line);
    pn_style_paint(out, style, PN_PAINT_RESET);
    if (mark->hidden)
        pn_output_text(out, " (" PN_NOT_SHOWN ")");
    else if (mark->shown.text.len)
        pn_output_text(out, " ");
    if (!mark->hidden)
        pn_render_line(out, mark->shown.text);
    pn_output_text(out, "\n");
}

static void
mark_write(struct pn_output *out, const struct pn_style *style,
           const struct pn_mark *mark, char sign)
{
    struct pn_flow flow;
    size_t column;

    if (mark->hidden && !mark->label)
        return;
    pn_style_paint(out, style, PN_PAINT_CYAN);
    pn_output_text(out, "      |");
    pn_style_paint(out, style, PN_PAINT_RESET);
    pn_output_text(out, " ");
    column = sizeof("      | ") - 1;
    column += mark->hidden ? 0 : pn_render_front(out, &mark->shown);
    pn_style_paint(out, style, mark->paint);
    column += mark->hidden ? 0 : pn_render_underline(out, &mark->shown, sign);
    flow = pn_flow_begin(out, style, column, sizeof("      |   ") - 1);
    flow.gap = !mark->hidden;
    if (mark->label)
        pn_flow_words(&flow, mark->label);
    pn_style_paint(out, style, PN_PAINT_RESET);
    pn_flow_end(&flow);
}

static void
place_write(struct pn_output *out, const struct pn_style *style, const char *sign,
            const char *file, size_t line, size_t column)
{
    pn_style_text(out, style, PN_PAINT_CYAN, sign);
    pn_output_text(out, " ");
    pn_render_bytes(out, (struct pn_str){ file, strlen(file) });
    pn_output_format(out, ":%zu:%zu", line, column);
}

void
pn_snippet_write(struct pn_output *out, const struct pn_style *style,
                 const struct pn_mark *marks, size_t count)
{
    const struct pn_mark *order[PN_MARKS_MAX], *before = &marks[0];

    count = order_make(marks, count < PN_MARKS_MAX ? count : PN_MARKS_MAX, order);
    for (size_t i = 0; i < count; i++) {
        const struct pn_mark *mark = order[i];

        if (!is_file_of(before, mark)) {
            place_write(out, style, "    :::", mark->file, mark->shown.line,
                        mark->column);
            pn_output_text(out, "\n");
        }
        if (!i || !is_line_of(before, mark))
            line_write(out, style, mark);
        mark_write(out, style, mark, mark == marks ? '^' : '-');
        before = mark;
    }
}

static void
code_write(struct pn_output *out, const struct pn_headline *head, bool both)
{
    if (!head->code && !head->name)
        return;
    pn_output_text(out, "[");
    pn_output_text(out, head->code ? head->code : "");
    pn_output_text(out, both && head->code && head->name ? " " : "");
    pn_output_text(out, head->name && (both || !head->code) ? head->name : "");
    pn_output_text(out, "]");
}

/* "error[P501]: MESSAGE", and "--> FILE:7:1 [open-relay]". */
static void
headed_write(struct pn_output *out, const struct pn_style *style,
             const struct pn_headline *head)
{
    const char *shown = head->code ? head->code : head->name;
    size_t column =
        strlen(head->severity) + (shown ? strlen(shown) + sizeof("[]") - 1 : 0);
    struct pn_flow flow;

    pn_style_paint(out, style, head->paint);
    pn_output_text(out, head->severity);
    code_write(out, head, false);
    pn_style_paint(out, style, PN_PAINT_RESET);
    pn_style_paint(out, style, PN_PAINT_BOLD);
    pn_output_text(out, ":");
    flow = pn_flow_begin(out, style, column + 1, sizeof("    ") - 1);
    flow.gap = true;
    pn_flow_words(&flow, head->message);
    pn_style_paint(out, style, PN_PAINT_RESET);
    pn_flow_end(&flow);
    place_write(out, style, "    -->", head->file, head->line, head->column);
    if (head->code && head->name) {
        pn_output_text(out, " [");
        pn_output_text(out, head->name);
        pn_output_text(out, "]");
    }
    pn_output_text(out, "\n");
}

void
pn_headline_write(struct pn_output *out, const struct pn_style *style,
                  const struct pn_headline *head)
{
    if (style->headed) {
        headed_write(out, style, head);
        return;
    }
    pn_render_bytes(out, (struct pn_str){ head->file, strlen(head->file) });
    pn_output_format(out, ":%zu:%zu: %s: ", head->line, head->column, head->severity);
    pn_render_bytes(out, (struct pn_str){ head->message, strlen(head->message) });
    pn_output_text(out, head->code || head->name ? " " : "");
    code_write(out, head, true);
    pn_output_text(out, "\n");
}

void
pn_render_help(struct pn_output *output, const struct pn_style *style, const char *help)
{
    struct pn_flow flow;

    pn_output_text(output, "   help: ");
    flow =
        pn_flow_begin(output, style, sizeof("   help: ") - 1, sizeof("         ") - 1);
    pn_flow_words(&flow, help);
    pn_flow_end(&flow);
}
