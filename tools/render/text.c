/* Text: message, source line, caret, help. */
#include "tools/render/text.h"

#include <stdio.h>

#include "base/utf8.h"

enum { CONTEXT = 60, SHOWN = 120 };

static const char *const severity_color[] = { "\033[1;31m", "\033[1;35m",
                                              "\033[1;36m" };

#define RESET "\033[0m"
#define BOLD "\033[1m"

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
struct excerpt {
    struct pn_str text;
    size_t front, size; /* where the span stands in it */
};

static struct excerpt
excerpt_of(const struct pn_diag *diag)
{
    struct excerpt e = { { diag->line_text, diag->line_len },
                         diag->column - 1,
                         diag->size };

    if (e.text.len > SHOWN && e.front > CONTEXT) {
        e.text.ptr += e.front - CONTEXT;
        e.text.len -= e.front - CONTEXT;
        e.front = CONTEXT;
    }
    if (e.text.len > SHOWN)
        e.text.len = SHOWN;
    if (e.size > e.text.len - e.front)
        e.size = e.text.len - e.front;
    return e;
}

static void
show_line(struct pn_output *output, const struct pn_diag *diag, bool color)
{
    struct excerpt e = excerpt_of(diag);
    size_t width = width_of((struct pn_str){ e.text.ptr + e.front, e.size });
    char margin[32];
    int margin_width = snprintf(margin, sizeof(margin), "%5zu", diag->line);

    pn_output_text(output, margin);
    pn_output_text(output, " | ");
    pn_render_bytes(output, e.text);
    pn_output_text(output, "\n");
    repeat(output, ' ', (size_t)margin_width);
    pn_output_text(output, " | ");
    repeat(output, ' ', width_of((struct pn_str){ e.text.ptr, e.front }));
    if (color)
        pn_output_text(output, severity_color[pn_diag_info[diag->id].severity]);
    repeat(output, '^', width ? width : 1);
    pn_output_text(output, color ? RESET "\n" : "\n");
}

static void
render_one(struct pn_output *output, const struct pn_diag *diag, bool color)
{
    const struct pn_diag_info *info = &pn_diag_info[diag->id];

    pn_output_text(output, color ? BOLD : "");
    pn_output_text(output, diag->name);
    pn_output_format(output, ":%zu:%zu: %s%s%s: %s [%s]\n", diag->line, diag->column,
                     color ? severity_color[info->severity] : "",
                     pn_severity_name[info->severity], color ? RESET : "", info->text,
                     info->slug);
    show_line(output, diag, color);
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
