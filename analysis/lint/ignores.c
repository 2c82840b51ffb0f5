/* A comment applies to its line or, alone on a line, to the next line with a rule. */
#define _GNU_SOURCE /* memmem */
#include "analysis/lint/ignores.h"

#include <stdlib.h>
#include <string.h>

#include "base/vector.h"

static const char mark[] = "postern: ignore";

struct ignore {
    const struct pn_source *source;
    struct pn_report *report;
    size_t first;  /* the first finding that it may silence */
    uint32_t line; /* the line that it applies to */
    uint32_t file;
    struct pn_span span;  /* of the comment */
    struct pn_span names; /* in it */
    struct pn_str reason;
    /* of the current name */
    bool used, on;
    size_t name_count;
};

/* A pn_compare_fn: an offset and a token. */
static int
compare_token(const void *key, const void *item)
{
    const uint32_t *offset = key;
    const struct pn_token *token = item;

    if (*offset < token->offset)
        return -1;
    return *offset >= token->offset + token->size;
}

/* Is an offset between tokens? Only comments are there. */
static bool
is_gap(const struct pn_tree *tree, uint32_t offset)
{
    size_t at = pn_lower_bound(&offset, tree->tokens, tree->token_count,
                               sizeof(*tree->tokens), compare_token);

    return at == tree->token_count || tree->tokens[at].offset > offset;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The first line from this one on that is neither blank nor a comment. */
static uint32_t
next_line(const struct pn_source *source, uint32_t line)
{
    for (; line < source->line_count; line++) {
        const char *at = source->text + source->line_starts[line];

        while (is_blank(*at))
            at++;
        if (*at != '#' && *at != '\n')
            return line + 1;
    }
    return line;
}

/* Removes a rule that is silenced itself from the finding of its parent. */
static void
silenced_children_drop(struct ignore *ignore, struct pn_finding *parent)
{
    struct pn_report *report = ignore->report;
    struct pn_finding_link *links = report->links + parent->first_link;
    struct pn_edit *edits = report->edits + parent->first_edit;
    size_t links_kept = 0, edits_kept = 0;

    if (strcmp(pn_report_text(report, parent->at.file), ignore->source->name) != 0)
        return;
    for (size_t i = 0; i < parent->link_count; i++)
        if (links[i].at.line != ignore->line)
            links[links_kept++] = links[i];
    if (links_kept == parent->link_count)
        return;
    for (size_t i = 0; i < parent->edit_count; i++)
        if (edits[i].at.line != ignore->line)
            edits[edits_kept++] = edits[i];
    parent->link_count = links_kept;
    parent->edit_count = edits_kept;
    parent->label = pn_report_format(report, "so do %zu rules inside it", links_kept);
    ignore->used = true;
    if (!links_kept) {
        parent->state = PN_FINDING_IGNORED;
        parent->reason = pn_report_text_add(report, ignore->reason);
    }
}

static void
silence(void *payload, enum pn_check check)
{
    struct ignore *ignore = payload;
    struct pn_report *report = ignore->report;

    ignore->on |= report->on[check];
    for (size_t i = ignore->first; i < report->count; i++) {
        struct pn_finding *f = &report->items[i];

        if (check == PN_CHECK_REDUNDANT && f->check == PN_CHECK_CHILDREN_REDUNDANT &&
            ignore->reason.len)
            silenced_children_drop(ignore, f);
        if (f->check != check || f->at.line != ignore->line || !ignore->reason.len ||
            strcmp(pn_report_text(report, f->at.file), ignore->source->name) != 0)
            continue;
        f->state = PN_FINDING_IGNORED;
        f->reason = pn_report_text_add(report, ignore->reason);
        ignore->used = true;
    }
}

static struct pn_str
trim(struct pn_str text)
{
    while (text.len && is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* The span of a comment, with its line when it has that to itself. */
static struct pn_span
comment_span(const struct ignore *ignore)
{
    uint32_t start = ignore->span.offset, end = start + ignore->span.size;
    const char *text = ignore->source->text;

    while (start && is_blank(text[start - 1]))
        start--;
    if ((!start || text[start - 1] == '\n') && text[end] == '\n')
        end++;
    return (struct pn_span){ start, end - start };
}

/* The span of one of several names, with its comma. */
static struct pn_span
name_span(const struct ignore *ignore, struct pn_span name)
{
    uint32_t start = name.offset, end = start + name.size;
    uint32_t last = ignore->names.offset + ignore->names.size;
    const char *text = ignore->source->text;

    while (end < last && (text[end] == ',' || is_blank(text[end])))
        end++;
    while (end == last && start > ignore->names.offset &&
           (text[start - 1] == ',' || is_blank(text[start - 1])))
        start--;
    return (struct pn_span){ start, end - start };
}

static void
name_report(struct ignore *ignore, struct pn_str name)
{
    struct pn_span span = { (uint32_t)(name.ptr - ignore->source->text),
                            (uint32_t)name.len };
    struct pn_source_span at = { ignore->source, span, 0 };
    struct pn_finding *f;

    ignore->used = ignore->on = false;
    if (!pn_check_named(name, silence, ignore)) {
        const char *near = pn_check_near(name);

        f = pn_report_add(ignore->report, PN_CHECK_UNKNOWN_CODE, at);
        if (f && near)
            f->label = pn_report_format(ignore->report, "did you mean %s?", near);
        return;
    }
    if (ignore->used || !ignore->on || !ignore->reason.len)
        return;
    f = pn_report_add(ignore->report, PN_CHECK_UNUSED_IGNORE, at);
    at.span = ignore->name_count == 1 ? comment_span(ignore) : name_span(ignore, span);
    pn_finding_edit(ignore->report, f, ignore->file, at, PN_STR(""), 0);
}

static void
names_each(struct ignore *ignore, struct pn_str names)
{
    size_t start = 0;

    ignore->name_count = 1;
    for (size_t i = 0; i < names.len; i++)
        ignore->name_count += names.ptr[i] == ',';
    for (size_t i = 0; i <= names.len; i++)
        if (i == names.len || names.ptr[i] == ',') {
            name_report(ignore, trim((struct pn_str){ names.ptr + start, i - start }));
            start = i + 1;
        }
}

/* Applies the comment that begins at `hash` and has its mark at `at`. */
static void
comment_apply(struct pn_report *report, const struct pn_unit *unit, uint32_t file,
              uint32_t hash, uint32_t at, size_t first)
{
    const struct pn_source *source = pn_unit_source(unit, file);
    struct pn_position position = pn_source_position(source, hash);
    uint32_t end = position.whole_line.offset + position.whole_line.size;
    struct pn_str rest = { source->text + at + sizeof(mark) - 1,
                           end - at - (sizeof(mark) - 1) };
    const char *dashes = rest.len ? memmem(rest.ptr, rest.len, "--", 2) : NULL;
    struct pn_str names = { rest.ptr, dashes ? (size_t)(dashes - rest.ptr) : rest.len };
    struct pn_str before = trim((struct pn_str){
        source->text + position.whole_line.offset, hash - position.whole_line.offset });
    struct ignore ignore = { .source = source,
                             .report = report,
                             .first = first,
                             .file = file,
                             .span = { hash, end - hash } };

    if (dashes)
        ignore.reason = trim(
            (struct pn_str){ dashes + 2, rest.len - (size_t)(dashes + 2 - rest.ptr) });
    ignore.line = before.len ? (uint32_t)position.line
                             : next_line(source, (uint32_t)position.line);
    names = trim(names);
    ignore.names =
        (struct pn_span){ (uint32_t)(names.ptr - source->text), (uint32_t)names.len };
    if (!ignore.reason.len) {
        struct pn_finding *f =
            pn_report_add(report, PN_CHECK_IGNORE_WITHOUT_REASON,
                          (struct pn_source_span){ source, ignore.span, 0 });

        if (f)
            f->help = pn_report_format(report, "# postern: ignore NAME -- reason");
    }
    names_each(&ignore, names);
}

static void
file_apply(struct pn_report *report, const struct pn_unit *unit, uint32_t number,
           size_t first)
{
    const struct pn_source *source = pn_unit_source(unit, number);
    const char *at = source->text, *end = source->text + source->size;

    while (at < end && (at = memmem(at, (size_t)(end - at), mark, sizeof(mark) - 1))) {
        const char *hash = at;

        while (hash > source->text && is_blank(hash[-1]))
            hash--;
        if (hash > source->text && hash[-1] == '#' &&
            is_gap(pn_unit_tree(unit, number), (uint32_t)(hash - 1 - source->text)))
            comment_apply(report, unit, number, (uint32_t)(hash - 1 - source->text),
                          (uint32_t)(at - source->text), first);
        at += sizeof(mark) - 1;
    }
}

void
pn_ignores_apply(struct pn_report *report, const struct pn_unit *unit, size_t first)
{
    for (uint32_t i = 0; i < unit->count && !report->failed; i++)
        file_apply(report, unit, i, first);
}
