/* Workflow commands of GitHub Actions: ten annotations a level, the rest in a group. */
#include <string.h>

#include "tools/render/escape.h"
#include "tools/render/findings.h"
#include "tools/render/findings_table.h"
#include "tools/render/findings_words.h"

enum { ANNOTATIONS = 10 };

static void
body(struct pn_output *out, const struct pn_findings *all, const struct pn_finding *f)
{
    struct pn_output text = { .fd = -1 };

    pn_finding_words(&text, all, f, "\n");
    pn_output_add(&text, "", 1);
    if (!text.pending.failed)
        pn_github_escape(out, text.pending.bytes, false);
    out->pending.failed |= text.pending.failed;
    pn_buffer_free(&text.pending);
}

static void
annotation(struct pn_output *out, const struct pn_findings *all,
           const struct pn_finding *f)
{
    const struct pn_report *report = all->report;
    static const char *const commands[] = { "error", "warning", "notice" };
    const struct pn_check_info *info = &pn_check_info[f->check];

    pn_output_format(out, "::%s file=", commands[f->severity]);
    pn_github_escape(out, pn_report_text(report, f->at.file), true);
    pn_output_format(out, ",line=%u,col=%u,endColumn=%u,title=%s %s::", f->at.line,
                     f->at.column, f->at.column + f->at.size, info->code, info->name);
    body(out, all, f);
    pn_output_text(out, "\n");
}

/* A line of the group: a blank before it, so that it begins no command. */
static void
grouped(struct pn_output *out, const struct pn_report *report,
        const struct pn_finding *f)
{
    const struct pn_check_info *info = &pn_check_info[f->check];

    pn_output_text(out, " ");
    pn_github_escape(out, pn_report_text(report, f->at.file), false);
    pn_output_format(out, ":%u:%u: %s: ", f->at.line, f->at.column,
                     pn_severity_name[f->severity]);
    pn_github_escape(out, pn_finding_message(report, f), false);
    pn_output_format(out, " [%s %s]\n", info->code, info->name);
}

void
pn_findings_github(struct pn_output *out, const struct pn_findings *all)
{
    size_t shown[3] = { 0 }, rest = 0;

    for (size_t i = 0; i < all->report->count; i++) {
        const struct pn_finding *f = &all->report->items[i];

        if (f->state != PN_FINDING_NEW)
            continue;
        if (shown[f->severity]++ < ANNOTATIONS)
            annotation(out, all, f);
        else
            rest++;
    }
    if (!rest)
        return;
    pn_output_format(out, "::group::%zu more findings\n", rest);
    memset(shown, 0, sizeof(shown));
    for (size_t i = 0; i < all->report->count; i++) {
        const struct pn_finding *f = &all->report->items[i];

        if (f->state == PN_FINDING_NEW && shown[f->severity]++ >= ANNOTATIONS)
            grouped(out, all->report, f);
    }
    pn_output_text(out, "::endgroup::\n");
}

void
pn_findings_table(struct pn_output *out, const struct pn_findings *all)
{
    size_t counts[PN_CHECK_NONE] = { 0 };
    const struct pn_finding *firsts[PN_CHECK_NONE] = { NULL };

    for (size_t i = 0; i < all->report->count; i++) {
        const struct pn_finding *f = &all->report->items[i];

        if (f->state != PN_FINDING_NEW)
            continue;
        if (!counts[f->check]++)
            firsts[f->check] = f;
    }
    pn_output_format(out,
                     "### postern lint\n\n%zu errors, %zu warnings, %zu notes\n\n"
                     "| finding | how many | the first | |\n|---|---|---|---|\n",
                     all->count.severity[PN_ERROR], all->count.severity[PN_WARNING],
                     all->count.severity[PN_NOTE]);
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        if (!firsts[c])
            continue;
        pn_output_format(out, "| %s %s | %zu | ", pn_check_info[c].code,
                         pn_check_info[c].name, counts[c]);
        pn_markdown_escape(out, pn_report_text(all->report, firsts[c]->at.file));
        pn_output_format(out, ":%u | ", firsts[c]->at.line);
        pn_markdown_escape(out, pn_finding_message(all->report, firsts[c]));
        pn_output_text(out, " |\n");
    }
}
