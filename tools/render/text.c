/* Text: message, source line, caret, help. */
#include "tools/render/text.h"

#include <string.h>

#include "base/utf8.h"
#include "tools/render/snippet.h"

enum { CONTEXT = 60, SHOWN = 120 };

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
