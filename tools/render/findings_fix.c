/* Edits of one line are shown together: the line before them, and behind. */
#include "tools/render/findings_fix.h"

#include <stdio.h>
#include <string.h>

#include "analysis/lint/secrets.h"
#include "tools/render/text.h"

enum { SHOWN_MAX = 6, LINES_MAX = 3 };

struct fix_view {
    struct pn_output *out;
    const struct pn_findings *all;
    const struct pn_finding *finding;
    size_t shown,
        left; /* lines that were looked at; those of them that were not shown */
};

static const struct pn_edit *
edit_at(const struct fix_view *w, size_t number)
{
    return &w->all->report->edits[w->finding->first_edit + number];
}

static struct pn_str
line_of(const struct fix_view *w, const struct pn_edit *e)
{
    return (struct pn_str){ pn_report_text(w->all->report, e->at.excerpt),
                            e->at.excerpt_size };
}

/* Is this edit of the same line, and of the same alternative? */
static bool
is_beside(const struct fix_view *w, const struct pn_edit *a, const struct pn_edit *b)
{
    struct pn_str left = line_of(w, a), right = line_of(w, b);

    return a->file == b->file && a->at.line == b->at.line &&
           a->alternative == b->alternative && a->span.offset <= b->span.offset &&
           left.len == right.len && memcmp(left.ptr, right.ptr, left.len) == 0;
}

/* Behind the edits of one line, of which this is the first. */
static size_t
group_end(const struct fix_view *w, size_t first)
{
    size_t end = first + 1;

    while (end < w->finding->edit_count &&
           is_beside(w, edit_at(w, end - 1), edit_at(w, end)))
        end++;
    return end;
}

static bool
is_multiple(const struct fix_view *w)
{
    for (size_t i = 0; i < w->finding->edit_count; i++)
        if (edit_at(w, i)->alternative)
            return true;
    return false;
}

static void
line_show(const struct fix_view *w, const char *margin, char sign, struct pn_str text)
{
    const struct pn_style *style = &w->all->style;

    pn_style_paint(w->out, style, sign == '-' ? PN_PAINT_RED : PN_PAINT_GREEN);
    pn_output_format(w->out, "%5s %c ", margin, sign);
    pn_render_bytes(w->out, text);
    pn_style_paint(w->out, style, PN_PAINT_RESET);
    pn_output_text(w->out, "\n");
}

/* The lines of a text, of which the first few are shown. */
static void
lines_show(const struct fix_view *w, const char *margin, struct pn_str text)
{
    size_t count = 0;

    while (text.len && text.ptr[text.len - 1] == '\n')
        text.len--;
    for (const char *at = text.ptr, *end = text.ptr + text.len; at <= end; count++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        if (count < LINES_MAX)
            line_show(w, margin, '+',
                      (struct pn_str){ at, (size_t)((newline ? newline : end) - at) });
        at = newline ? newline + 1 : end + 1;
    }
    if (count > LINES_MAX)
        pn_output_format(w->out, "      and %zu more lines\n", count - LINES_MAX);
}

/* A line as the edits from `first` to before `end` leave it. */
static void
line_make(const struct fix_view *w, size_t first, size_t end, struct pn_buffer *out)
{
    struct pn_str line = line_of(w, edit_at(w, first));
    size_t at = 0;

    for (size_t i = first; i < end; i++) {
        const struct pn_edit *e = edit_at(w, i);
        size_t front = e->at.front < line.len ? e->at.front : line.len;

        if (front < at)
            continue;
        pn_buffer_add(out, line.ptr + at, front - at);
        if (e->text_size)
            pn_buffer_add(out, pn_report_text(w->all->report, e->text), e->text_size);
        at = line.len - front < e->span.size ? line.len : front + e->span.size;
    }
    pn_buffer_add(out, line.ptr + at, line.len - at);
}

/* Does a whole line go, with its end? */
static bool
is_deletion(const struct fix_view *w, const struct pn_edit *e)
{
    return !e->text_size && !e->at.front && e->span.size > line_of(w, e).len;
}

/* The edits of one line; what is inserted between lines has none that goes. */
static void
group_show(struct fix_view *w, size_t first, size_t end)
{
    const struct pn_edit *e = edit_at(w, first);
    struct pn_buffer text = { 0 }, masked = { 0 };
    size_t mark = 0;
    char number[16];
    bool inserted = !e->span.size && !line_of(w, e).len;

    if (w->shown++ >= SHOWN_MAX) {
        w->left++;
        return;
    }
    snprintf(number, sizeof(number), "%u", e->at.line);
    if (!e->alternative && !inserted)
        line_show(w, number, '-', line_of(w, e));
    if (e->lines > 1)
        pn_output_format(w->out, "      and %u more line%s\n", e->lines - 1,
                         e->lines == 2 ? "" : "s");
    if (is_deletion(w, e))
        return;
    line_make(w, first, end, &text);
    pn_line_mask((struct pn_str){ text.size ? text.bytes : "", text.size }, &masked,
                 &mark);
    if (!text.failed && !masked.failed) /* else only the place is shown */
        lines_show(w, e->alternative ? "or" : number,
                   (struct pn_str){ masked.size ? masked.bytes : "", masked.size });
    pn_buffer_free(&text);
    pn_buffer_free(&masked);
}

static const char *
effect_of(const struct pn_finding *f)
{
    return f->safe      ? "changes no decision"
           : f->depends ? "changes no decision while the lists are so"
           : f->shared  ? "others may include this file: see --all-users"
                        : "changes decisions";
}

void
pn_finding_fix_text(struct pn_output *out, const struct pn_findings *all,
                    const struct pn_finding *f)
{
    struct fix_view w = { .out = out, .all = all, .finding = f };
    const char *effect = effect_of(f);

    if (!f->edit_count)
        return;
    pn_output_format(out, "    fix: %s\n", is_multiple(&w) ? "one of these" : effect);
    for (size_t i = 0, end; i < f->edit_count; i = end) {
        end = group_end(&w, i);
        group_show(&w, i, end);
    }
    if (w.left)
        pn_output_format(out, "      and %zu more lines\n", w.left);
}

/* A line of several is shown with its newlines as \n. */
static void
line_words(struct pn_output *out, struct pn_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\n')
            pn_output_text(out, i + 1 < text.len ? "\\n" : "");
        else
            pn_output_add(out, &text.ptr[i], 1);
}

static void
group_words(const struct fix_view *w, size_t first, size_t end)
{
    const struct pn_edit *e = edit_at(w, first);
    struct pn_buffer text = { 0 }, masked = { 0 };
    size_t mark = 0;

    if (is_deletion(w, e)) {
        pn_output_format(w->out, "delete line %u", e->at.line);
        return;
    }
    line_make(w, first, end, &text);
    pn_line_mask((struct pn_str){ text.size ? text.bytes : "", text.size }, &masked,
                 &mark);
    pn_output_format(w->out, "line %u is ", e->at.line);
    if (!masked.failed && !text.failed)
        line_words(w->out, (struct pn_str){ masked.bytes, masked.size });
    pn_buffer_free(&text);
    pn_buffer_free(&masked);
}

void
pn_finding_fix_words(struct pn_output *out, const struct pn_findings *all,
                     const struct pn_finding *f)
{
    struct fix_view w = { .out = out, .all = all, .finding = f };
    bool several = is_multiple(&w);

    for (size_t i = 0, end; i < f->edit_count; i = end) {
        end = group_end(&w, i);
        if (++w.shown > SHOWN_MAX) {
            pn_output_text(out, ", ...");
            break;
        }
        pn_output_text(out, !i ? "" : several ? ", or " : ", ");
        group_words(&w, i, end);
    }
    if (!several)
        pn_output_format(out, " (%s)", effect_of(f));
}
