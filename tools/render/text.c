/* Text: message, source line, caret, help. */
#include "tools/render/text.h"

#include <stdio.h>
#include <string.h>

#include "base/sizes.h"
#include "base/utf8.h"
#include "tools/render/snippet.h"
#include "tools/render/width.h"

enum { CONTEXT = 60, SHOWN = 120 };

const char *const pn_severity_paint[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };

/*
 * Characters that show nothing, or turn the direction of what follows: in a terminal a
 * line would not be what it looks like.
 */
static bool
is_unseen(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        { 0x00ad, 0x00ad }, { 0x061c, 0x061c }, { 0x115f, 0x1160 },
        { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
        { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
        { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
    };

    for (size_t i = 0; i < PN_COUNT_OF(ranges); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Adds `size` bytes as \xHH; how wide they are. */
static size_t
escape(struct pn_output *output, const char *bytes, size_t size)
{
    enum { ESCAPE_WIDTH = 4 };

    for (size_t i = 0; i < size && output; i++)
        pn_output_format(output, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
    return size * ESCAPE_WIDTH;
}

static void
repeat(struct pn_output *output, char byte, size_t count)
{
    while (output && count--)
        pn_output_add(output, &byte, 1);
}

/*
 * Shows one character and returns its bytes; *column moves on by how wide it came out.
 * A tab goes to the next stop where `tabs` says so.
 */
static size_t
show(struct pn_output *output, const char *bytes, size_t size, bool tabs,
     size_t *column)
{
    enum { TAB = 8 };
    uint32_t code = 0;
    size_t length = pn_utf8_decode(bytes, size, &code);

    if (length == 1 && code == '\t' && tabs) {
        repeat(output, ' ', TAB - *column % TAB);
        *column += TAB - *column % TAB;
    } else if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        length = 1;
        *column += escape(output, bytes, length);
    } else if (is_unseen(code)) {
        *column += escape(output, bytes, length);
    } else {
        int width = code < 0x7f ? 1 : pn_char_width(code);

        if (output)
            pn_output_add(output, bytes, length);
        *column += width > 0 ? (size_t)width : 0;
    }
    return length;
}

/* From a column on; the column behind them. */
static size_t
show_all(struct pn_output *output, struct pn_str bytes, bool tabs)
{
    size_t column = 0;

    for (size_t at = 0; at < bytes.len;)
        at += show(output, bytes.ptr + at, bytes.len - at, tabs, &column);
    return column;
}

void
pn_render_bytes(struct pn_output *output, struct pn_str bytes)
{
    (void)show_all(output, bytes, false);
}

void
pn_render_line(struct pn_output *output, struct pn_str bytes)
{
    (void)show_all(output, bytes, true);
}

size_t
pn_render_width(struct pn_str bytes)
{
    return show_all(NULL, bytes, false);
}

/* The part of a line that is shown: all of it, or what surrounds the span. */
static struct pn_shown
shown_of(const struct pn_excerpt *at)
{
    struct pn_shown e = {
        at->line, { at->line_text, at->line_len }, at->column - 1, at->size
    };

    if (e.text.len > SHOWN && e.front > CONTEXT) {
        size_t cut = pn_utf8_floor(e.text.ptr, e.front - CONTEXT);

        e.text = pn_str_from(e.text, cut);
        e.front -= cut;
    }
    if (e.text.len > SHOWN)
        e.text.len = pn_utf8_floor(e.text.ptr, SHOWN);
    return e;
}

size_t
pn_render_front(struct pn_output *output, const struct pn_shown *shown)
{
    size_t width = show_all(NULL, pn_str_to(shown->text, shown->front), true);

    repeat(output, ' ', width);
    return width;
}

size_t
pn_render_underline(struct pn_output *output, const struct pn_shown *shown, char mark)
{
    size_t left = shown->text.len - shown->front;
    size_t end = shown->front + (shown->size < left ? shown->size : left);
    size_t width = show_all(NULL, pn_str_to(shown->text, end), true) -
                   show_all(NULL, pn_str_to(shown->text, shown->front), true);

    width = width ? width : 1;
    repeat(output, mark, width);
    return width;
}

static struct pn_mark
mark_of(const struct pn_excerpt *at, const char *label, const char *paint)
{
    return (struct pn_mark){
        .file = at->name,
        .column = at->column,
        .shown = shown_of(at),
        .hidden = at->hidden,
        .label = label,
        .paint = paint,
    };
}

static void
show_fixes(struct pn_output *output, const struct pn_diag *diag)
{
    for (size_t i = 0; i < diag->fix_count; i++) {
        const char *text = diag->fixes[i].text;

        pn_output_text(output, i ? ", or " : "    fix: ");
        if (strcmp(text, "\n") == 0)
            pn_output_text(output, "a newline");
        else
            pn_render_bytes(output, (struct pn_str){ text, strlen(text) });
    }
    if (diag->fix_count)
        pn_output_text(output, "\n");
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

/* Lines of text; what is too long goes on below, set in by two more. */
static void
show_note(struct pn_output *output, const struct pn_style *style, const char *note)
{
    while (*note) {
        const char *newline = strchr(note, '\n');
        size_t size = newline ? (size_t)(newline - note) : strlen(note);
        size_t indent = strspn(note, " ");
        struct pn_str line = { note, size };

        if (style->width && pn_render_width(line) > style->width) {
            struct pn_flow flow = pn_flow_begin(output, style, 0, indent + 2);

            pn_flow_line(&flow, line);
        } else {
            pn_output_add(output, note, size);
        }
        pn_output_text(output, "\n");
        note += size + (newline != NULL);
    }
}

static void
render_one(struct pn_output *output, const struct pn_style *style,
           const struct pn_diag *diag)
{
    const struct pn_diag_info *info = &pn_diag_info[diag->id];
    const struct pn_headline head = { .severity = pn_severity_name[info->severity],
                                      .paint = pn_severity_paint[info->severity],
                                      .name = info->slug,
                                      .message = pn_diag_message(diag),
                                      .file = diag->at.name,
                                      .line = diag->at.line,
                                      .column = diag->at.column };
    struct pn_mark marks[1 + PN_DIAG_RELATED_MAX];

    pn_headline_write(output, style, &head);
    marks[0] = mark_of(&diag->at, NULL, head.paint);
    for (size_t i = 0; i < diag->related_count; i++)
        marks[1 + i] = mark_of(&diag->related[i].at, diag->related[i].message,
                               pn_severity_paint[PN_NOTE]);
    pn_snippet_write(output, style, marks, 1 + diag->related_count);
    if (diag->note)
        show_note(output, style, diag->note);
    show_fixes(output, diag);
    if (*pn_diag_help(diag))
        pn_render_help(output, style, pn_diag_help(diag));
}

void
pn_render_text(struct pn_output *output, const struct pn_diags *diags,
               const struct pn_style *style)
{
    for (size_t i = 0; i < diags->count; i++) {
        pn_output_text(output, i && style->headed ? "\n" : "");
        render_one(output, style, &diags->items[i]);
    }
    if (diags->total > diags->count && diags->count)
        pn_output_format(output, "... and %zu more\n", diags->total - diags->count);
}
