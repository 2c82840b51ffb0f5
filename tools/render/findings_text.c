/* Findings as a person reads them, and as compilers print theirs. */
#include <string.h>

#include "base/sizes.h"
#include "compiler/number_text.h"
#include "tools/render/findings.h"
#include "tools/render/findings_fix.h"
#include "tools/render/findings_words.h"
#include "tools/render/snippet.h"
#include "tools/render/text.h"

enum { LINKS_SHOWN = 3 };

static void
show_text(struct pn_output *out, const char *before, const char *text)
{
    pn_output_text(out, before);
    pn_render_bytes(out, (struct pn_str){ text, strlen(text) });
}

static struct pn_mark
mark_of(const struct pn_report *report, const struct pn_finding_place *at, size_t label,
        enum pn_severity severity)
{
    return (struct pn_mark){
        .file = pn_report_text(report, at->file),
        .column = at->column,
        .shown = { at->line,
                   { pn_report_text(report, at->excerpt), at->excerpt_size },
                   at->front,
                   at->size },
        .hidden = at->hidden,
        .label = label ? pn_report_text(report, label) : NULL,
        .paint = pn_severity_paint[severity],
    };
}

/* The lines that it is about, with what is said of each. */
static void
show_lines(struct pn_output *out, const struct pn_findings *all,
           const struct pn_finding *f)
{
    const struct pn_report *report = all->report;
    size_t shown = f->link_count > LINKS_SHOWN ? LINKS_SHOWN : f->link_count;
    struct pn_mark marks[1 + LINKS_SHOWN];

    marks[0] = mark_of(report, &f->at, f->label, f->severity);
    for (size_t i = 0; i < shown; i++) {
        const struct pn_finding_link *link = &report->links[f->first_link + i];

        marks[1 + i] = mark_of(report, &link->at, link->message, PN_NOTE);
    }
    pn_snippet_write(out, &all->style, marks, 1 + shown);
    if (f->link_count > shown)
        pn_output_format(out, "      | and %zu more\n", f->link_count - shown);
}

static void
show_finding(struct pn_output *out, const struct pn_findings *all,
             const struct pn_finding *f)
{
    const struct pn_report *report = all->report;
    const struct pn_check_info *info = &pn_check_info[f->check];
    const struct pn_headline head = { .severity = pn_severity_name[f->severity],
                                      .paint = pn_severity_paint[f->severity],
                                      .code = info->code,
                                      .name = info->name,
                                      .message = pn_finding_message(report, f),
                                      .file = pn_report_text(report, f->at.file),
                                      .line = f->at.line,
                                      .column = f->at.column };

    pn_headline_write(out, &all->style, &head);
    show_lines(out, all, f);
    if (f->query != PN_NO_QUERY) {
        pn_output_text(out, "  query: ");
        pn_finding_query_text(out, report, f);
        if (f->answer)
            show_text(out, " is ", pn_report_text(report, f->answer));
        pn_output_text(out, "\n");
    }
    if (f->help)
        pn_render_help(out, &all->style, pn_report_text(report, f->help));
    pn_finding_fix_text(out, all, f);
}

static void
count_write(struct pn_buffer *out, size_t count, const char *what, const char *before)
{
    pn_buffer_add_text(out, before);
    pn_number_write(out, count);
    pn_buffer_add_format(out, " %s%s", what, count == 1 ? "" : "s");
}

/* "(2 fixable, 1 ignored)", of those that there are. */
static void
asides_write(struct pn_buffer *out, const struct pn_findings_count *c)
{
    const struct {
        size_t count;
        const char *what;
    } asides[] = { { c->fixable, "fixable" },
                   { c->ignored, "ignored" },
                   { c->known, "in baseline" } };
    bool any = false;

    for (size_t i = 0; i < PN_COUNT_OF(asides); i++) {
        if (!asides[i].count)
            continue;
        pn_buffer_add_text(out, any ? ", " : " (");
        pn_number_write(out, asides[i].count);
        pn_buffer_add_format(out, " %s", asides[i].what);
        any = true;
    }
    pn_buffer_add_text(out, any ? ")" : "");
}

static void
show_summary(struct pn_output *out, const struct pn_findings *all)
{
    const struct pn_findings_count *c = &all->count;
    struct pn_flow flow = pn_flow_begin(out, &all->style, 0, 2);
    struct pn_buffer text = { 0 };

    count_write(&text, c->severity[PN_ERROR], "error", "");
    count_write(&text, c->severity[PN_WARNING], "warning", ", ");
    count_write(&text, c->severity[PN_NOTE], "note", ", ");
    count_write(&text, all->report->files, "file", " in ");
    asides_write(&text, c);
    count_write(&text, all->report->rules, "rule", "; ");
    pn_buffer_add_text(&text, ", exact");
    if (all->seconds >= 0)
        pn_buffer_add_format(&text, ", %.2f s", all->seconds);
    pn_flow_line(&flow, pn_str_of(&text));
    pn_flow_end(&flow);
    out->pending.failed |= text.failed;
    pn_buffer_free(&text);
}

/* Where more is to be read, of the finding that is shown first: the worst. */
static void
show_explain(struct pn_output *out, const struct pn_findings *all)
{
    for (size_t i = 0; all->style.headed && i < all->report->count; i++) {
        const struct pn_finding *f = &all->report->items[i];

        if (f->state != PN_FINDING_NEW)
            continue;
        pn_output_format(out, "a page on each: postern explain %s\n",
                         f->kind ? f->kind : pn_check_info[f->check].code);
        return;
    }
}

void
pn_findings_text(struct pn_output *out, const struct pn_findings *all)
{
    size_t shown = 0, total = 0;

    for (size_t i = 0; i < all->report->count; i++) {
        const struct pn_finding *f = &all->report->items[i];

        if (f->state != PN_FINDING_NEW)
            continue;
        total++;
        if (shown >= all->max)
            continue;
        shown++;
        show_finding(out, all, f);
        pn_output_text(out, "\n");
    }
    if (total > shown)
        pn_output_format(out, "... and %zu more, of which the worst were shown\n\n",
                         total - shown);
    /* what is silenced is silent, but to somebody who looks on */
    if (total || all->count.known || (all->report->count && all->seconds >= 0))
        show_summary(out, all);
    show_explain(out, all);
}

void
pn_findings_gcc(struct pn_output *out, const struct pn_findings *all)
{
    struct pn_output text = { .fd = -1 };

    for (size_t i = 0; i < all->report->count; i++) {
        const struct pn_finding *f = &all->report->items[i];
        const struct pn_check_info *info = &pn_check_info[f->check];

        if (f->state != PN_FINDING_NEW)
            continue;
        show_text(out, "", pn_report_text(all->report, f->at.file));
        pn_output_format(out, ":%u:%u: %s: ", f->at.line, f->at.column,
                         pn_severity_name[f->severity]);
        text.pending.size = 0;
        pn_finding_words(&text, all, f, "; ");
        pn_render_bytes(out, (struct pn_str){ text.pending.bytes, text.pending.size });
        pn_output_format(out, " [%s %s]\n", info->code, info->name);
    }
    out->pending.failed |= text.pending.failed;
    pn_buffer_free(&text.pending);
}
