/* Two sources of findings, the compiler and the linter, and one shape for both. */
#include "library/report.h"

#include "analysis/lint/lint.h"
#include "base/vector.h"
#include "library/keep.h"

static void *
array_new(struct pn_arena *arena, size_t count, size_t size)
{
    return count ? pn_arena_zalloc(arena, count * size) : NULL;
}

static const struct postern_query *
query_keep(struct pn_arena *arena, const struct postern_query *query)
{
    struct postern_query *copy = pn_arena_zalloc(arena, sizeof(*copy));

    if (copy)
        *copy = pn_query_copy(arena, query);
    return copy;
}

static struct postern_place
excerpt_place(struct pn_arena *arena, const struct pn_excerpt *at)
{
    struct postern_place place = { .file = pn_words_keep(arena, at->name),
                                   .line = (uint32_t)at->line,
                                   .column = (uint32_t)at->column,
                                   .offset = at->span.offset,
                                   .size = at->span.size,
                                   .excerpt_at = (uint32_t)(at->column - 1) };

    if (!at->hidden && at->line_text)
        place.excerpt =
            pn_text_keep(arena, (struct pn_str){ at->line_text, at->line_len });
    return place;
}

static void
diag_related(struct pn_arena *arena, const struct pn_diag *diag,
             struct pn_report_item *out)
{
    out->related = array_new(arena, diag->related_count, sizeof(*out->related));
    for (size_t i = 0; out->related && i < diag->related_count; i++)
        out->related[i] =
            (struct postern_related){ excerpt_place(arena, &diag->related[i].at),
                                      pn_words_keep(arena, diag->related[i].message) };
    out->finding.related_count = out->related ? (uint32_t)diag->related_count : 0;
}

static void
diag_edits(struct pn_arena *arena, const struct pn_diag *diag,
           struct pn_report_item *out)
{
    out->edits = array_new(arena, diag->fix_count, sizeof(*out->edits));
    for (size_t i = 0; out->edits && i < diag->fix_count; i++) {
        const struct pn_fix *fix = &diag->fixes[i];
        struct postern_place at = out->finding.at;

        at.column = (uint32_t)fix->column;
        at.offset = fix->span.offset;
        at.size = fix->span.size;
        at.excerpt_at = at.column - 1;
        out->edits[i] =
            (struct postern_edit){ at, pn_text_keep(arena, pn_str_of_text(fix->text)),
                                   (uint32_t)i };
    }
    out->finding.edit_count = out->edits ? (uint32_t)diag->fix_count : 0;
}

static struct pn_report_item
diag_item(struct pn_arena *arena, const struct pn_diag *diag)
{
    const struct pn_diag_info *info = &pn_diag_info[diag->id];
    const struct pn_check_info *check = &pn_check_info[pn_check_of_diag(diag)];
    struct pn_report_item item = {
        .finding = { .severity = (uint32_t)info->severity,
                     .code = pn_public_text(check->code),
                     .name = pn_public_text(check->name),
                     .kind = pn_public_text(info->slug),
                     .message = pn_words_keep(arena, pn_diag_message(diag)),
                     .label = pn_words_keep(arena, diag->note),
                     .help = pn_words_keep(arena, pn_diag_help(diag)),
                     .at = excerpt_place(arena, &diag->at) }
    };

    diag_related(arena, diag, &item);
    diag_edits(arena, diag, &item);
    return item;
}

static struct postern_place
finding_place(struct pn_arena *arena, const struct pn_report *from,
              const struct pn_finding_place *at)
{
    struct postern_place place = { .file = pn_words_keep(
                                       arena, pn_report_text(from, at->file)),
                                   .line = at->line,
                                   .column = at->column,
                                   .offset = at->offset,
                                   .size = at->size,
                                   .excerpt_at = at->front };

    if (!at->hidden)
        place.excerpt =
            pn_text_keep(arena, (struct pn_str){ pn_report_text(from, at->excerpt),
                                                 at->excerpt_size });
    return place;
}

static void
finding_related(struct pn_arena *arena, const struct pn_report *from,
                const struct pn_finding *finding, struct pn_report_item *out)
{
    out->related = array_new(arena, finding->link_count, sizeof(*out->related));
    for (size_t i = 0; out->related && i < finding->link_count; i++) {
        const struct pn_finding_link *link = &from->links[finding->first_link + i];

        out->related[i] = (struct postern_related){
            finding_place(arena, from, &link->at),
            pn_words_keep(arena, pn_report_text(from, link->message))
        };
    }
    out->finding.related_count = out->related ? (uint32_t)finding->link_count : 0;
}

static void
finding_edits(struct pn_arena *arena, const struct pn_report *from,
              const struct pn_finding *finding, struct pn_report_item *out)
{
    out->edits = array_new(arena, finding->edit_count, sizeof(*out->edits));
    for (size_t i = 0; out->edits && i < finding->edit_count; i++) {
        const struct pn_edit *edit = &from->edits[finding->first_edit + i];
        struct postern_place at = finding_place(arena, from, &edit->at);

        at.offset = edit->span.offset;
        at.size = edit->span.size;
        out->edits[i] = (struct postern_edit){
            at,
            pn_text_keep(arena, (struct pn_str){ pn_report_text(from, edit->text),
                                                 edit->text_size }),
            edit->alternative
        };
    }
    out->finding.edit_count = out->edits ? (uint32_t)finding->edit_count : 0;
}

static struct pn_report_item
finding_item(struct pn_arena *arena, const struct pn_report *from,
             const struct pn_finding *finding)
{
    const struct pn_check_info *check = &pn_check_info[finding->check];
    struct pn_report_item item = {
        .finding = { .severity = finding->severity,
                     .is_ignored = finding->state == PN_FINDING_IGNORED,
                     .is_safe = finding->safe,
                     .code = pn_public_text(check->code),
                     .name = pn_public_text(check->name),
                     .kind = pn_public_text(finding->kind),
                     .message = pn_words_keep(arena, pn_finding_message(from, finding)),
                     .label =
                         pn_words_keep(arena, pn_report_text(from, finding->label)),
                     .help = pn_words_keep(arena, pn_report_text(from, finding->help)),
                     .reason =
                         pn_words_keep(arena, pn_report_text(from, finding->reason)),
                     .at = finding_place(arena, from, &finding->at) }
    };

    if (finding->query != PN_NO_QUERY) {
        struct postern_query asked = pn_finding_asked(from, finding);

        item.finding.query = query_keep(arena, &asked);
        item.finding.answer =
            pn_words_keep(arena, pn_report_text(from, finding->answer));
    }
    finding_related(arena, from, finding, &item);
    finding_edits(arena, from, finding, &item);
    return item;
}

static bool
item_add(struct postern_report *report, struct pn_report_item item)
{
    return !pn_arena_failed(report->arena) &&
           pn_vector_add(&report->items, &report->count, &report->capacity, &item,
                         sizeof(item));
}

struct postern_report *
pn_public_report_new(struct postern_compiler *compiler)
{
    struct postern_report *report = pn_calloc(1, sizeof(*report));

    if (report)
        report->arena = pn_arena_new();
    if (!report || !report->arena) {
        pn_free(report);
        return NULL;
    }
    report->compiler = compiler;
    pn_compiler_hold(compiler);
    return report;
}

bool
pn_public_report_add_diags(struct postern_report *report, const struct pn_diags *diags)
{
    bool good = !diags->failed;

    for (size_t i = 0; good && i < diags->count; i++)
        good = item_add(report, diag_item(report->arena, &diags->items[i]));
    return good;
}

bool
pn_public_report_add_findings(struct postern_report *report,
                              const struct pn_report *findings)
{
    bool good = !findings->failed;

    for (size_t i = 0; good && i < findings->count; i++)
        good = item_add(report,
                        finding_item(report->arena, findings, &findings->items[i]));
    return good;
}

enum postern_status
pn_public_report_refuse(struct postern_compiler *compiler, const struct pn_diags *diags,
                        struct postern_report **out)
{
    struct postern_report *report;

    if (!out)
        return POSTERN_E_REFUSED;
    report = pn_public_report_new(compiler);
    if (!report || !pn_public_report_add_diags(report, diags)) {
        pn_public_report_clear(report);
        return POSTERN_E_NOMEM;
    }
    *out = report;
    return POSTERN_E_REFUSED;
}

void
pn_public_report_clear(struct postern_report *report)
{
    if (!report)
        return;
    pn_compiler_drop(report->compiler); /* the call that runs holds it too */
    pn_arena_free(report->arena);
    pn_free(report->items);
    pn_free(report);
}

void
postern_report_free(struct postern_report *report)
{
    struct pn_call call;

    if (!report)
        return;
    pn_call_begin_free(&call, report->compiler);
    pn_public_report_clear(report);
    (void)pn_call_end(&call, POSTERN_OK);
}

size_t
postern_report_count(const struct postern_report *report)
{
    return report->count;
}

const struct postern_finding *
postern_report_finding(const struct postern_report *report, size_t finding)
{
    return finding < report->count ? &report->items[finding].finding : NULL;
}

const struct postern_related *
postern_report_related(const struct postern_report *report, size_t finding,
                       size_t related)
{
    const struct pn_report_item *item =
        finding < report->count ? &report->items[finding] : NULL;

    return item && related < item->finding.related_count ? &item->related[related]
                                                         : NULL;
}

const struct postern_edit *
postern_report_edit(const struct postern_report *report, size_t finding, size_t edit)
{
    const struct pn_report_item *item =
        finding < report->count ? &report->items[finding] : NULL;

    return item && edit < item->finding.edit_count ? &item->edits[edit] : NULL;
}
