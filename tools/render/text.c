/* Text: message, source line, caret, help. */
#include "tools/render/text.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { CONTEXT = 60, SHOWN = 120 };

const char *const pn_severity_paint[] = { "\033[1;31m", "\033[1;35m", "\033[1;36m" };

/* Shows one character and returns its bytes; *columns is how wide it came out. */
static size_t
show(struct pn_output *output, const char *bytes, size_t size, size_t *columns)
{
    uint32_t code = 0;
    size_t length = pn_utf8_decode(bytes, size, &code);

    if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        char escape[8];
        int written = snprintf(escape, sizeof(escape), "\\x%02x",
                               (unsigned)(unsigned char)bytes[0]);

        if (output)
            pn_output_add(output, escape, (size_t)written);
        *columns = (size_t)written;
        return 1;
    }
    if (output)
        pn_output_add(output, bytes, length);
    *columns = 1;
    return length;
}

void
pn_render_bytes(struct pn_output *output, struct pn_str bytes)
{
    size_t columns;

    for (size_t at = 0; at < bytes.len;)
        at += show(output, bytes.ptr + at, bytes.len - at, &columns);
}

static size_t
width_of(struct pn_str bytes)
{
    size_t width = 0, columns;

    for (size_t at = 0; at < bytes.len;) {
        at += show(NULL, bytes.ptr + at, bytes.len - at, &columns);
        width += columns;
    }
    return width;
}

static void
repeat(struct pn_output *output, char byte, size_t count)
{
    while (count--)
        pn_output_add(output, &byte, 1);
}

/* The part of a line that is shown: all of it, or what surrounds the span. */
static struct pn_shown
shown_of(const struct pn_excerpt *at)
{
    struct pn_shown e = {
        at->line, { at->line_text, at->line_len }, at->column - 1, at->size
    };

    if (e.text.len > SHOWN && e.front > CONTEXT) {
        e.text.ptr += e.front - CONTEXT;
        e.text.len -= e.front - CONTEXT;
        e.front = CONTEXT;
    }
    if (e.text.len > SHOWN)
        e.text.len = SHOWN;
    return e;
}

void
pn_render_shown(struct pn_output *output, const struct pn_shown *shown, char mark,
                const char *color)
{
    size_t left = shown->text.len - shown->front;
    size_t width = width_of((struct pn_str){ shown->text.ptr + shown->front,
                                             shown->size < left ? shown->size : left });
    char margin[32];
    int margin_width = snprintf(margin, sizeof(margin), "%5zu", shown->line);

    pn_output_text(output, margin);
    pn_output_text(output, " | ");
    pn_render_bytes(output, shown->text);
    pn_output_text(output, "\n");
    repeat(output, ' ', (size_t)margin_width);
    pn_output_text(output, " | ");
    repeat(output, ' ', width_of((struct pn_str){ shown->text.ptr, shown->front }));
    pn_output_paint(output, color);
    repeat(output, mark, width ? width : 1);
    pn_output_paint(output, *color ? PN_PAINT_RESET : "");
}

static void
show_line(struct pn_output *output, const struct pn_excerpt *at, char mark,
          const char *color)
{
    struct pn_shown shown = shown_of(at);

    if (at->hidden) {
        pn_output_format(output, "%5zu | (" PN_NOT_SHOWN ")", at->line);
        return;
    }
    pn_render_shown(output, &shown, mark, color);
}

static void
show_related(struct pn_output *output, const struct pn_diag *diag, bool color)
{
    for (size_t i = 0; i < diag->related_count; i++) {
        const struct pn_related *related = &diag->related[i];

        show_line(output, &related->at, '-', color ? pn_severity_paint[PN_NOTE] : "");
        if (related->message)
            pn_output_format(output, " %s", related->message);
        if (strcmp(related->at.name, diag->at.name) != 0)
            pn_output_format(output, " (%s:%zu:%zu)", related->at.name,
                             related->at.line, related->at.column);
        pn_output_text(output, "\n");
    }
}

static void
show_fixes(struct pn_output *output, const struct pn_diag *diag)
{
    for (size_t i = 0; i < diag->fix_count; i++) {
        const char *text = diag->fixes[i].text;

        pn_output_text(output, i ? ", or " : "  fix: ");
        if (strcmp(text, "\n") == 0)
            pn_output_text(output, "a newline");
        else
            pn_render_bytes(output, (struct pn_str){ text, strlen(text) });
    }
    if (diag->fix_count)
        pn_output_text(output, "\n");
}

static void
render_one(struct pn_output *output, const struct pn_diag *diag, bool color)
{
    const struct pn_diag_info *info = &pn_diag_info[diag->id];
    const char *paint = color ? pn_severity_paint[info->severity] : "";

    pn_output_paint(output, color ? PN_PAINT_BOLD : "");
    pn_output_text(output, diag->at.name);
    pn_output_format(output, ":%zu:%zu: ", diag->at.line, diag->at.column);
    pn_output_paint(output, paint);
    pn_output_text(output, pn_severity_name[info->severity]);
    pn_output_paint(output, color ? PN_PAINT_RESET : "");
    pn_output_format(output, ": %s [%s]\n", info->text, info->slug);
    show_line(output, &diag->at, '^', paint);
    pn_output_text(output, "\n");
    show_related(output, diag, color);
    if (diag->note)
        pn_output_text(output, diag->note);
    show_fixes(output, diag);
    if (*info->help)
        pn_output_format(output, " help: %s\n", info->help);
}

void
pn_render_text(struct pn_output *output, const struct pn_diags *diags, bool color)
{
    for (size_t i = 0; i < diags->count; i++)
        render_one(output, &diags->items[i], color);
    if (diags->total > diags->count && diags->count)
        pn_output_format(output, "... and %zu more\n", diags->total - diags->count);
}
