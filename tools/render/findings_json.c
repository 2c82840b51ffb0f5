/* The findings document of docs/formats.md, and the reports that are JSON too. */
#include <stdlib.h>
#include <string.h>

#include "tools/render/answer.h"
#include "tools/render/findings_words.h"
#include "tools/render/json.h"

static void
json_text(struct pn_output *out, const char *text)
{
    pn_json_string(out, text, strlen(text));
}

static void
json_key(struct pn_output *out, const char *key, const char *text)
{
    pn_output_format(out, "\"%s\": ", key);
    json_text(out, text);
}

static void
json_place(struct pn_output *out, const struct pn_report *report,
           const struct pn_finding_place *at)
{
    json_key(out, "file", pn_report_text(report, at->file));
    pn_output_format(out, ", \"line\": %u, \"column\": %u, \"end_column\": %u",
                     at->line, at->column, at->column + at->size);
}

static void
json_query(struct pn_output *out, const struct pn_report *report,
           const struct pn_finding *f)
{
    struct postern_query query;

    if (f->query == PN_NO_QUERY)
        return;
    query = pn_finding_asked(report, f);
    pn_output_text(out, ", \"query\": ");
    pn_query_json(out, &query);
    if (f->answer) {
        pn_output_text(out, ", ");
        json_key(out, "answer", pn_report_text(report, f->answer));
    }
}

static void
json_related(struct pn_output *out, const struct pn_report *report,
             const struct pn_finding *f)
{
    for (size_t i = 0; i < f->link_count; i++) {
        const struct pn_finding_link *link = &report->links[f->first_link + i];

        pn_output_text(out, i ? ", {" : ", \"related\": [{");
        json_place(out, report, &link->at);
        pn_output_text(out, ", ");
        json_key(out, "message", pn_report_text(report, link->message));
        pn_output_text(out, "}");
    }
    pn_output_text(out, f->link_count ? "]" : "");
}

static void
json_edit(struct pn_output *out, const struct pn_report *report,
          const struct pn_edit *e)
{
    pn_output_text(out, "{");
    json_key(out, "file", pn_report_text(report, e->at.file));
    pn_output_format(out,
                     ", \"line\": %u, \"column\": %u, \"offset\": %u, \"length\": %u, ",
                     e->at.line, e->at.column, e->span.offset, e->span.size);
    pn_output_text(out, "\"text\": ");
    pn_json_string(out, pn_report_text(report, e->text), e->text_size);
    pn_output_text(out, "}");
}

/* One fix, or the alternatives that the author is to choose from. */
static void
json_fix(struct pn_output *out, const struct pn_report *report,
         const struct pn_finding *f)
{
    unsigned alternatives = 0;
    const struct pn_edit *edits = f->edit_count ? report->edits + f->first_edit : NULL;

    for (size_t i = 0; i < f->edit_count; i++)
        alternatives = edits[i].alternative + 1u > alternatives
                           ? edits[i].alternative + 1u
                           : alternatives;
    if (!alternatives)
        return;
    pn_output_text(out, alternatives > 1 ? ", \"fixes\": [" : ", \"fix\": ");
    for (unsigned r = 0; r < alternatives; r++) {
        bool first = true;

        pn_output_format(out, "%s{\"safe\": %s, %s\"edits\": [", r ? ", " : "",
                         f->safe ? "true" : "false",
                         f->shared ? "\"shared\": true, " : "");
        for (size_t i = 0; i < f->edit_count; i++) {
            if (edits[i].alternative != r)
                continue;
            pn_output_text(out, first ? "" : ", ");
            json_edit(out, report, &edits[i]);
            first = false;
        }
        pn_output_text(out, "]}");
    }
    pn_output_text(out, alternatives > 1 ? "]" : "");
}

static void
json_finding(struct pn_output *out, const struct pn_report *report,
             const struct pn_finding *f)
{
    const struct pn_check_info *info = &pn_check_info[f->check];

    pn_output_format(out, "{\"code\": \"%s\", \"name\": \"%s\", ", info->code,
                     info->name);
    if (f->kind)
        pn_output_format(out, "\"kind\": \"%s\", ", f->kind);
    pn_output_format(out, "\"severity\": \"%s\", ", pn_severity_name[f->severity]);
    json_place(out, report, &f->at);
    pn_output_text(out, ", ");
    json_key(out, "message", pn_finding_message(report, f));
    if (f->label) {
        pn_output_text(out, ", ");
        json_key(out, "note", pn_report_text(report, f->label));
    }
    if (f->help) {
        pn_output_text(out, ", ");
        json_key(out, "help", pn_report_text(report, f->help));
    }
    json_query(out, report, f);
    json_related(out, report, f);
    json_fix(out, report, f);
    if (f->state == PN_FINDING_IGNORED) {
        pn_output_text(out, ", ");
        json_key(out, "suppressed", pn_report_text(report, f->reason));
    } else if (f->state == PN_FINDING_KNOWN) {
        pn_output_text(out, ", \"baseline\": true");
    }
    pn_output_text(out, "}");
}

/* What was passed over; no key when nothing was. */
static void
json_notices(struct pn_output *out, const struct pn_notices *notices)
{
    size_t count = notices ? notices->count : 0;

    for (size_t i = 0; i < count; i++) {
        pn_output_text(out, i ? ", {" : ", \"notices\": [{");
        json_key(out, "file", notices->items[i].file);
        pn_output_text(out, ", ");
        json_key(out, "message", notices->items[i].why);
        pn_output_text(out, "}");
    }
    pn_output_text(out, count ? "]" : "");
}

void
pn_findings_json(struct pn_output *out, const struct pn_findings *all)
{
    const struct pn_findings_count *c = &all->count;

    pn_output_text(out, "{\"schema\": 1, \"findings\": [");
    for (size_t i = 0; i < all->report->count; i++) {
        pn_output_text(out, i ? ",\n" : "\n");
        json_finding(out, all->report, &all->report->items[i]);
    }
    pn_output_format(out, "%s]", all->report->count ? "\n" : "");
    json_notices(out, all->notices);
    pn_output_format(
        out,
        ", \"summary\": {\"error\": %zu, \"warning\": %zu, \"note\": %zu, "
        "\"fixable\": %zu, \"ignored\": %zu, \"baseline\": %zu, \"files\": %zu, "
        "\"rules\": %zu}}\n",
        c->severity[PN_ERROR], c->severity[PN_WARNING], c->severity[PN_NOTE],
        c->fixable, c->ignored, c->known, all->report->files, all->report->rules);
}

/* GitLab's code quality report: docs.gitlab.com/ci/testing/code_quality. */
void
pn_findings_gitlab(struct pn_output *out, const struct pn_findings *all)
{
    static const char *const severities[] = { "critical", "major", "minor" };
    uint64_t *prints = pn_finding_prints(all->report);
    struct pn_output text = { .fd = -1 };
    bool first = true;

    pn_output_text(out, "[");
    for (size_t i = 0; prints && i < all->report->count; i++) {
        const struct pn_finding *f = &all->report->items[i];
        const struct pn_check_info *info = &pn_check_info[f->check];

        if (f->state != PN_FINDING_NEW)
            continue;
        pn_output_text(out, first ? "\n{" : ",\n{");
        first = false;
        text.pending.size = 0;
        pn_finding_words(&text, all, f, "; ");
        pn_output_text(out, "\"description\": ");
        pn_json_string(out, text.pending.bytes, text.pending.size);
        pn_output_format(out,
                         ", \"check_name\": \"%s %s\", \"fingerprint\": "
                         "\"%016llx\", \"severity\": \"%s\", \"location\": {",
                         info->code, info->name, (unsigned long long)prints[i],
                         severities[f->severity]);
        json_key(out, "path", pn_report_text(all->report, f->at.file));
        pn_output_format(out, ", \"lines\": {\"begin\": %u}}}", f->at.line);
    }
    pn_output_text(out, first ? "]\n" : "\n]\n");
    out->pending.failed |= !prints || text.pending.failed;
    pn_buffer_free(&text.pending);
    free(prints);
}
