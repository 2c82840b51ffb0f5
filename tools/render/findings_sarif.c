/* SARIF 2.1.0 (OASIS): results worst first, at most 5,000 of them. */
#include <stdlib.h>
#include <string.h>

#include "postern/postern.h"
#include "tools/render/findings_words.h"
#include "tools/render/json.h"
#include "tools/render/pages.h"

enum { RESULTS_MAX = 5000 };

static const char *const levels[] = { "error", "warning", "note" };

static void
json_text(struct pn_output *out, const char *text)
{
    pn_json_string(out, text, strlen(text));
}

/* A path as a relative reference, or a file URI when it is absolute (RFC 3986). */
static void
uri(struct pn_output *out, const char *path)
{
    static const char plain[] = "-._~/!$&'()*+,;=@";

    pn_output_text(out, *path == '/' ? "\"file://" : "\"");
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (letter || strchr(plain, c))
            pn_output_add(out, path, 1);
        else
            pn_output_format(out, "%%%02X", c);
    }
    pn_output_text(out, "\"");
}

/* Columns count characters: those bytes of the line that begin one. */
static uint32_t
characters(const struct pn_report *report, const struct pn_finding_place *at,
           uint32_t from, uint32_t to)
{
    const char *line = pn_report_text(report, at->excerpt);
    uint32_t count = 0;

    for (; from < to; from++)
        count += from >= at->excerpt_size || ((unsigned char)line[from] & 0xc0) != 0x80;
    return count;
}

static void
region(struct pn_output *out, const struct pn_report *report,
       const struct pn_finding_place *at)
{
    uint32_t hidden = at->column - 1 > at->front ? at->column - 1 - at->front : 0;
    uint32_t column = 1 + hidden + characters(report, at, 0, at->front);
    uint32_t size = characters(report, at, at->front, at->front + at->size);

    pn_output_format(out, "{\"startLine\": %u, \"startColumn\": %u, \"endColumn\": %u}",
                     at->line, column, column + size);
}

static void
location(struct pn_output *out, const struct pn_report *report,
         const struct pn_finding_place *at)
{
    pn_output_text(out, "\"physicalLocation\": {\"artifactLocation\": {\"uri\": ");
    uri(out, pn_report_text(report, at->file));
    pn_output_text(out, "}, \"region\": ");
    region(out, report, at);
    pn_output_text(out, "}");
}

static void
rules(struct pn_output *out)
{
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        const struct pn_check_info *info = &pn_check_info[c];
        const struct pn_page *page = pn_page_find(info->code);

        pn_output_format(out,
                         "%s{\"id\": \"%s\", \"name\": \"%s\", \"shortDescription\": "
                         "{\"text\": ",
                         c ? ",\n" : "\n", info->code, info->name);
        json_text(out, info->text);
        pn_output_format(out, "}, \"defaultConfiguration\": {\"level\": \"%s\"%s}",
                         levels[info->severity],
                         info->on ? "" : ", \"enabled\": false");
        if (page) {
            pn_output_text(out, ", \"help\": {\"text\": ");
            pn_json_string(out, (const char *)page->text, page->size);
            pn_output_text(out, ", \"markdown\": ");
            pn_json_string(out, (const char *)page->text, page->size);
            pn_output_text(out, "}");
        }
        pn_output_text(out, "}");
    }
}

static void
message(struct pn_output *out, const struct pn_findings *all,
        const struct pn_finding *f)
{
    struct pn_output text = { .fd = -1 };

    pn_finding_words(&text, all, f, ". ");
    pn_output_text(out, "\"message\": {\"text\": ");
    pn_json_string(out, text.pending.bytes, text.pending.size);
    pn_output_text(out, "}");
    out->pending.failed |= text.pending.failed;
    pn_buffer_free(&text.pending);
}

static void
related(struct pn_output *out, const struct pn_report *report,
        const struct pn_finding *f)
{
    for (size_t i = 0; i < f->link_count; i++) {
        const struct pn_finding_link *link = &report->links[f->first_link + i];

        pn_output_format(out, "%s{\"id\": %zu, ",
                         i ? ", " : ", \"relatedLocations\": [", i);
        location(out, report, &link->at);
        pn_output_text(out, ", \"message\": {\"text\": ");
        json_text(out, link->message ? pn_report_text(report, link->message) : "here");
        pn_output_text(out, "}}");
    }
    pn_output_text(out, f->link_count ? "]" : "");
}

/* One fix is one change to a file; of two alternatives each is a fix. */
static void
fixes(struct pn_output *out, const struct pn_report *report, const struct pn_finding *f)
{
    const struct pn_edit *edits = f->edit_count ? report->edits + f->first_edit : NULL;
    int open = -1;

    for (size_t i = 0; i < f->edit_count; i++) {
        const struct pn_edit *e = &edits[i];

        if (open != e->alternative) {
            pn_output_text(out, open < 0 ? ", \"fixes\": [" : "]}, ");
            pn_output_format(out, "{\"description\": {\"text\": \"%s\"}, ",
                             f->safe     ? "changes no decision"
                             : f->shared ? "an edit of an included file"
                                         : "a likely reading");
            pn_output_text(out, "\"artifactChanges\": [");
        } else {
            pn_output_text(out, ", ");
        }
        open = e->alternative;
        pn_output_text(out, "{\"artifactLocation\": {\"uri\": ");
        uri(out, pn_report_text(report, e->at.file));
        pn_output_format(
            out,
            "}, \"replacements\": [{\"deletedRegion\": {\"byteOffset\": %u, "
            "\"byteLength\": %u}, \"insertedContent\": {\"text\": ",
            e->span.offset, e->span.size);
        pn_json_string(out, pn_report_text(report, e->text), e->text_size);
        pn_output_text(out, "}}]}");
    }
    pn_output_text(out, open < 0 ? "" : "]}]");
}

static void
result(struct pn_output *out, const struct pn_findings *all, const struct pn_finding *f,
       uint64_t print)
{
    const struct pn_report *report = all->report;

    pn_output_format(out, "{\"ruleId\": \"%s\", \"ruleIndex\": %u, \"level\": \"%s\", ",
                     pn_check_info[f->check].code, f->check, levels[f->severity]);
    message(out, all, f);
    pn_output_text(out, ", \"locations\": [{");
    location(out, report, &f->at);
    pn_output_text(out, "}]");
    related(out, report, f);
    fixes(out, report, f);
    pn_output_format(out,
                     ", \"partialFingerprints\": {\"posternTarget/v1\": \"%016llx\"}",
                     (unsigned long long)print);
    if (f->state == PN_FINDING_IGNORED) {
        pn_output_text(out, ", \"suppressions\": [{\"kind\": \"inSource\", "
                            "\"justification\": ");
        json_text(out, pn_report_text(report, f->reason));
        pn_output_text(out, "}]");
    } else if (f->state == PN_FINDING_KNOWN) {
        pn_output_text(out, ", \"suppressions\": [{\"kind\": \"external\", "
                            "\"justification\": \"in the baseline\"}]");
    }
    pn_output_text(out, "}");
}

/* GitHub accepts no more; the reader of the report has to know that there are more. */
static void
left_out(struct pn_output *out, size_t count)
{
    if (count)
        pn_output_format(out,
                         ",\n\"invocations\": [{\"executionSuccessful\": true, "
                         "\"toolExecutionNotifications\": [{\"level\": \"warning\", "
                         "\"message\": {\"text\": \"%zu of %zu results are left out: "
                         "GitHub shows %d\"}}]}]",
                         count, count + RESULTS_MAX, RESULTS_MAX);
}

void
pn_findings_sarif(struct pn_output *out, const struct pn_findings *all)
{
    size_t count = all->report->count;
    uint64_t *prints = pn_finding_prints(all->report);

    pn_output_format(
        out,
        "{\"$schema\": "
        "\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
        "sarif-schema-2.1.0.json\",\n\"version\": \"2.1.0\", \"runs\": [{\n"
        "\"columnKind\": \"unicodeCodePoints\",\n"
        "\"tool\": {\"driver\": {\"name\": \"postern\", \"version\": \"%s\", "
        "\"rules\": [",
        postern_version());
    rules(out);
    pn_output_text(out, "\n]}},\n\"results\": [");
    count = count > RESULTS_MAX ? RESULTS_MAX : count;
    for (size_t i = 0; prints && i < count; i++) {
        pn_output_text(out, i ? ",\n" : "\n");
        result(out, all, &all->report->items[i], prints[i]);
    }
    pn_output_text(out, count ? "\n]" : "]");
    left_out(out, all->report->count - count);
    pn_output_text(out, "}]}\n");
    out->pending.failed |= !prints;
    free(prints);
}
