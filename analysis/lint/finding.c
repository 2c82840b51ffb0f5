/* The list that collects findings, with all of their texts in one buffer. */
#include "analysis/lint/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/lint/secrets.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "base/vector.h"

enum { EXCERPT_MAX = 160, EXCERPT_FRONT = 60 };

void
pn_report_begin(struct pn_report *report)
{
    *report = (struct pn_report){ 0 };
    pn_buffer_add(&report->text, "", 1);
    report->failed = report->text.failed;
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++)
        report->on[c] = pn_check_info[c].on;
}

void
pn_report_clear(struct pn_report *report)
{
    pn_free(report->items);
    pn_free(report->links);
    pn_free(report->edits);
    pn_free(report->queries);
    pn_buffer_free(&report->text);
    *report = (struct pn_report){ 0 };
}

static size_t
kept(struct pn_report *report, size_t at)
{
    pn_buffer_add(&report->text, "", 1);
    report->failed |= report->text.failed;
    return report->text.failed ? 0 : at;
}

size_t
pn_report_text_add(struct pn_report *report, struct pn_str text)
{
    size_t at = report->text.size;

    if (!text.len)
        return 0;
    pn_buffer_add(&report->text, text.ptr, text.len);
    return kept(report, at);
}

/* Formats before it appends, for the arguments may be texts of the report, which moves.
 * */
size_t
pn_report_format(struct pn_report *report, const char *format, ...)
{
    char small[256], *text = small;
    size_t kept_at = 0;
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (len >= (int)sizeof(small)) {
        text = pn_malloc((size_t)len + 1);
        if (text) {
            va_start(args, format);
            vsnprintf(text, (size_t)len + 1, format, args);
            va_end(args);
        }
    }
    if (len < 0 || !text)
        report->failed = true;
    else
        kept_at = pn_report_text_add(report, (struct pn_str){ text, (size_t)len });
    if (text != small)
        pn_free(text);
    return kept_at;
}

/*
 * A short line without a value, as it is. A rule that is named, and then deleted, has
 * its line in the text once.
 */
static void
excerpt_plain(struct pn_report *report, struct pn_str line, size_t front,
              struct pn_finding_place *out)
{
    struct pn_str last = { report->text.bytes + report->excerpt, report->excerpt_size };

    if (!line.len || !report->excerpt || !pn_str_equal(last, line)) {
        report->excerpt = pn_report_text_add(report, line);
        report->excerpt_size = line.len;
    }
    out->excerpt = report->excerpt;
    out->excerpt_size = (uint32_t)line.len;
    out->front = (uint32_t)front;
}

/* Copies the line, or the part around the span of a long one, with secrets masked. */
static void
excerpt_make(struct pn_report *report, struct pn_str line, size_t column,
             struct pn_finding_place *out)
{
    size_t front = column - 1, at = report->text.size, shown;
    struct pn_buffer masked = { 0 };

    if (line.len && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (front > line.len)
        front = line.len;
    if (line.len <= EXCERPT_MAX && !pn_str_has(line, '=')) {
        excerpt_plain(report, line, front, out);
        return;
    }
    pn_line_mask(line, &masked, &front);
    report->failed |= masked.failed;
    line = pn_str_of(&masked);
    if (line.len > EXCERPT_MAX && front > EXCERPT_FRONT) {
        size_t cut = pn_utf8_floor(line.ptr, front - EXCERPT_FRONT);

        line = pn_str_from(line, cut);
        front -= cut;
    }
    shown = line.len > EXCERPT_MAX ? pn_utf8_floor(line.ptr, EXCERPT_MAX) : line.len;
    if (shown)
        pn_buffer_add(&report->text, line.ptr, shown);
    out->excerpt = kept(report, at);
    out->excerpt_size = (uint32_t)shown;
    out->front = (uint32_t)front;
    pn_buffer_free(&masked);
}

/* The offset of a source's name, which nearly always is that of the finding before. */
static size_t
name_keep(struct pn_report *report, const char *name)
{
    size_t before = report->count ? report->items[report->count - 1].at.file : 0;

    if (before && strcmp(pn_report_text(report, before), name) == 0)
        return before;
    return pn_report_text_add(report, pn_str_of_text(name));
}

struct pn_finding_place
pn_report_place(struct pn_report *report, const struct pn_source_span *at)
{
    const struct pn_source *source = at->source;
    struct pn_position position =
        pn_source_position_near(source, at->span.offset, at->near);
    struct pn_finding_place place = { .file = name_keep(report, source->name),
                                      .line = (uint32_t)position.line,
                                      .column = (uint32_t)position.column,
                                      .size = at->span.size,
                                      .offset = at->span.offset,
                                      .hidden = source->hidden };

    if (!place.hidden)
        excerpt_make(report, pn_source_slice(source, position.whole_line),
                     position.column, &place);
    if (report->failed) /* there may be no excerpt */
        place.excerpt_size = place.front = 0;
    return place;
}

struct pn_finding *
pn_report_add(struct pn_report *report, enum pn_check check, struct pn_source_span at)
{
    struct pn_finding finding;

    if (!report->on[check] || report->failed)
        return NULL;
    finding = (struct pn_finding){ .check = (uint16_t)check,
                                   .severity = (uint8_t)pn_check_info[check].severity,
                                   .query = PN_NO_QUERY,
                                   .first_link = report->link_count,
                                   .first_edit = report->edit_count,
                                   .order = (uint32_t)report->count,
                                   .operand = report->operand };
    finding.safe = pn_check_info[check].fix == PN_FIX_SAFE;
    finding.at = pn_report_place(report, &at);
    if (!pn_vector_add(&report->items, &report->count, &report->capacity, &finding,
                       sizeof(finding))) {
        report->failed = true;
        return NULL;
    }
    return &report->items[report->count - 1];
}

void
pn_finding_link(struct pn_report *report, struct pn_finding *finding,
                struct pn_source_span at, size_t message)
{
    struct pn_finding_link link;

    if (!finding || report->failed)
        return;
    link = (struct pn_finding_link){ pn_report_place(report, &at), message };
    if (pn_vector_add(&report->links, &report->link_count, &report->link_capacity,
                      &link, sizeof(link)))
        finding->link_count++;
    else
        report->failed = true;
}

/* The number of lines that a text reaches into. */
static uint32_t
lines_of(struct pn_str text)
{
    uint32_t count = text.len && text.ptr[text.len - 1] != '\n';

    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    return count;
}

void
pn_finding_edit(struct pn_report *report, struct pn_finding *finding, uint32_t file,
                struct pn_source_span at, struct pn_str text, unsigned alternative)
{
    struct pn_edit edit;

    if (!finding || report->failed)
        return;
    edit = (struct pn_edit){ .file = file,
                             .span = at.span,
                             .text_size = text.len,
                             .alternative = (uint8_t)alternative };
    edit.text = pn_report_text_add(report, text);
    edit.at = pn_report_place(report, &at);
    edit.lines = lines_of(pn_source_slice(at.source, at.span));
    if (pn_vector_add(&report->edits, &report->edit_count, &report->edit_capacity,
                      &edit, sizeof(edit)))
        finding->edit_count++;
    else
        report->failed = true;
}

void
pn_finding_query(struct pn_report *report, struct pn_finding *finding,
                 const struct pn_finding_query *query)
{
    if (!finding || report->failed)
        return;
    if (pn_vector_add(&report->queries, &report->query_count, &report->query_capacity,
                      query, sizeof(*query)))
        finding->query = report->query_count - 1;
    else
        report->failed = true;
}

struct pn_str
pn_finding_subject(const struct pn_report *report, const struct pn_finding *finding)
{
    const struct pn_finding_place *at = &finding->at;
    const char *item = pn_report_text(report, finding->subject);
    uint32_t size = at->size;

    if (finding->subject)
        return pn_str_of_text(item);
    if (size > at->excerpt_size - at->front)
        size = at->excerpt_size - at->front;
    return (struct pn_str){ pn_report_text(report, at->excerpt) + at->front, size };
}

static bool
edits_hidden(const struct pn_report *report, const struct pn_finding *f)
{
    for (size_t i = 0; i < f->edit_count; i++)
        if (report->edits[f->first_edit + i].at.hidden)
            return true;
    return false;
}

/* The text of the diagnostic with this slug. */
static size_t
text_of_kind(struct pn_report *report, const char *kind)
{
    for (enum pn_diag_id id = 0; kind && id < PN_DIAG_NONE; id++)
        if (strcmp(pn_diag_info[id].slug, kind) == 0)
            return pn_report_text_add(report,
                                      (struct pn_str){ pn_diag_info[id].text,
                                                       strlen(pn_diag_info[id].text) });
    return 0;
}

void
pn_report_hide(struct pn_report *report, size_t first)
{
    for (size_t i = first; i < report->count; i++) {
        struct pn_finding *f = &report->items[i];

        if (edits_hidden(report, f))
            f->edit_count = 0;
        if (!f->at.hidden)
            continue;
        f->message = text_of_kind(report, f->kind);
        f->label = f->help = f->answer = f->subject = 0;
        f->link_count = f->edit_count = 0;
        f->query = PN_NO_QUERY;
    }
}

/* Findings are compared by what they hold themselves, for qsort() has no payload. */
static int
by_place(const void *left, const void *right)
{
    const struct pn_finding *a = left, *b = right;

    if (a->at.file != b->at.file)
        return a->at.file < b->at.file ? -1 : 1;
    if (a->at.line != b->at.line)
        return a->at.line < b->at.line ? -1 : 1;
    if (a->at.column != b->at.column)
        return a->at.column < b->at.column ? -1 : 1;
    if (a->check != b->check)
        return a->check < b->check ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static int
by_severity(const void *left, const void *right)
{
    const struct pn_finding *a = left, *b = right;

    if (a->severity != b->severity)
        return a->severity < b->severity ? -1 : 1;
    return by_place(left, right);
}

/* Gives findings in files of one name one offset, that of the first of them. */
static void
files_unify(struct pn_report *report)
{
    size_t *firsts = NULL, count = 0, capacity = 0;

    for (size_t i = 0; i < report->count; i++) {
        size_t *file = &report->items[i].at.file, k = 0;

        while (k < count && strcmp(pn_report_text(report, firsts[k]),
                                   pn_report_text(report, *file)) != 0)
            k++;
        if (k == count &&
            !pn_vector_add(&firsts, &count, &capacity, file, sizeof(*file))) {
            report->failed = true;
            break;
        }
        *file = firsts[k];
    }
    pn_free(firsts);
}

void
pn_report_sort(struct pn_report *report, bool worst_first)
{
    files_unify(report);
    if (report->count)
        qsort(report->items, report->count, sizeof(*report->items),
              worst_first ? by_severity : by_place);
}

const char *
pn_finding_message(const struct pn_report *report, const struct pn_finding *finding)
{
    return finding->message ? pn_report_text(report, finding->message)
                            : pn_check_info[finding->check].text;
}

struct postern_query
pn_finding_asked(const struct pn_report *report, const struct pn_finding *finding)
{
    const struct pn_finding_query *q = &report->queries[finding->query];
    struct postern_query query = POSTERN_QUERY_INIT;

    query.remote = q->address;
    if (q->has_host)
        query.host = (struct postern_str){ pn_report_text(report, q->host),
                                           strlen(pn_report_text(report, q->host)) };
    if (q->has_ident)
        query.ident = (struct postern_str){ pn_report_text(report, q->ident),
                                            strlen(pn_report_text(report, q->ident)) };
    return query;
}
