/* P0: what the compiler reports, and classic lines that it does not read as people do.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/lint/classic_key.h"
#include "analysis/lint/endings.h"
#include "analysis/lint/keys.h"
#include "analysis/lint/lint.h"
#include "analysis/lint/passes.h"
#include "base/sizes.h"
#include "compiler/expand.h"
#include "compiler/list_faults.h"

enum { OCTET_KEYS = 256, OCTET_MAX = 255 };

/* Diagnostics with a code of their own; all others are P000. */
static const struct {
    enum pn_diag_id id;
    enum pn_check check;
} codes[] = {
    { PN_DIAG_MISSING_DOT, PN_CHECK_MISSING_DOT },
    { PN_DIAG_OCTET_RANGE, PN_CHECK_OCTET_RANGE },
    { PN_DIAG_LEADING_ZERO, PN_CHECK_LEADING_ZERO },
    { PN_DIAG_MISSING_EQUALS, PN_CHECK_MISSING_EQUALS },
    { PN_DIAG_FOREIGN_PATTERN, PN_CHECK_FOREIGN_PATTERN },
    { PN_DIAG_REVERSED_RANGE, PN_CHECK_REVERSED_RANGE },
    { PN_DIAG_HOST_BITS, PN_CHECK_HOST_BITS },
    { PN_DIAG_LIST_HOST_BITS, PN_CHECK_HOST_BITS },
    { PN_DIAG_LIST_CUT, PN_CHECK_LIST_CUT },
    { PN_DIAG_LIST_WIDE, PN_CHECK_LIST_WIDE },
    { PN_DIAG_UNREACHED_KEY, PN_CHECK_NEVER_MATCHES },
};

enum pn_check
pn_check_of_diag(const struct pn_diag *diag)
{
    for (size_t i = 0; i < PN_COUNT_OF(codes); i++)
        if (codes[i].id == diag->id)
            return codes[i].check;
    if (diag->id == PN_DIAG_BAD_HOST && diag->at.size > 1 &&
        diag->at.column <= diag->at.line_len) {
        struct pn_str word = { diag->at.line_text + diag->at.column - 1,
                               diag->at.size };
        enum pn_check fault;

        if (word.len > diag->at.line_len - (diag->at.column - 1))
            word.len = diag->at.line_len - (diag->at.column - 1);
        while (word.len && *word.ptr != '=') {
            word.ptr++;
            word.len--;
        }
        fault = word.len
                    ? pn_host_name_fault((struct pn_str){ word.ptr + 1, word.len - 1 })
                    : PN_CHECK_NONE;
        if (fault == PN_CHECK_EMPTY_LABEL || fault == PN_CHECK_NAME_TOO_LONG)
            return fault;
    }
    return PN_CHECK_SYNTAX_ERROR;
}

/* Was something found in this source? Sources of one name differ in their texts. */
static bool
is_of(const struct pn_excerpt *at, const struct pn_source *source, const char *name)
{
    return source->text && source->text == at->text && strcmp(name, at->name) == 0;
}

/* The source of a diagnostic; *file is its number if it is a rule file. */
static const struct pn_source *
source_of(const struct pn_lint *lint, const struct pn_excerpt *at, uint32_t *file)
{
    const struct pn_lists *lists = &lint->policy->names.lists;

    for (*file = 0; *file < lint->unit->count; ++*file)
        if (is_of(at, pn_lint_source(lint, *file), pn_lint_source(lint, *file)->name))
            return pn_lint_source(lint, *file);
    *file = UINT32_MAX;
    for (size_t i = 0; i < lists->count; i++)
        if (is_of(at, &lists->items[i].source, lists->items[i].path))
            return &lists->items[i].source;
    return NULL;
}

/* Is there a written default? */
static bool
has_default(const struct pn_lint *lint)
{
    uint32_t fallback = lint->policy->space.groups[PN_GROUP_NO_IDENT].fallback;

    return fallback != PN_RULE_NONE && pn_lint_is_written(lint, fallback);
}

static void
diag_edits(struct pn_lint *lint, struct pn_finding *finding, const struct pn_diag *diag,
           uint32_t file)
{
    for (size_t i = 0; i < diag->fix_count && file != UINT32_MAX; i++) {
        const struct pn_fix *fix = &diag->fixes[i];

        if (strcmp(fix->text, "*") == 0 && has_default(lint))
            continue; /* it would be a second one */
        pn_lint_replace(lint, finding, file, fix->span, pn_str_of_text(fix->text),
                        (unsigned)i);
    }
}

/* Is a line a rule or a comment of its own, rather than the rest of a rule? */
static bool
is_own_line(struct pn_str line)
{
    if (!line.len || *line.ptr == '#')
        return true;
    for (size_t i = 0; i < line.len && !memchr("\"'", line.ptr[i], 2); i++)
        if ((line.len - i > 5 && memcmp(line.ptr + i, ":allow", 6) == 0) ||
            (line.len - i > 4 && memcmp(line.ptr + i, ":deny", 5) == 0))
            return true;
    return false;
}

/*
 * Joins the next line to this one, without what was to join them. If the next line is
 * one of its own, only the sign for more goes.
 */
static void
continuation_edit(struct pn_lint *lint, struct pn_finding *f, uint32_t file,
                  uint32_t sign)
{
    const struct pn_source *source = pn_lint_source(lint, file);
    uint32_t from = sign, to, end, stop;

    while (from < source->size && source->text[from] == ',')
        from++;
    for (to = from; to < source->size && strchr(" \t\r\\", source->text[to]);)
        to++;
    if (to < source->size && source->text[to] != '\n')
        return;
    stop = to;
    for (to += to < source->size; to < source->size && strchr(" \t", source->text[to]);)
        to++;
    for (end = to; end < source->size && !strchr("\r\n", source->text[end]);)
        end++;
    if (is_own_line((struct pn_str){ source->text + to, end - to }))
        pn_lint_replace(lint, f, file, (struct pn_span){ sign, stop - sign },
                        PN_STR(""), 0);
    else
        pn_lint_replace(lint, f, file, (struct pn_span){ from, end - from },
                        (struct pn_str){ source->text + to, end - to }, 0);
}

static void
diag_add(struct pn_lint *lint, const struct pn_diag *diag)
{
    const struct pn_diag_info *info = &pn_diag_info[diag->id];
    struct pn_report *report = lint->report;
    uint32_t file;
    const struct pn_source *source = source_of(lint, &diag->at, &file);
    enum pn_check check = pn_check_of_diag(diag);
    struct pn_finding *f;

    if (!source)
        return;
    f = pn_report_add(report, check,
                      (struct pn_source_span){ source, diag->at.span, diag->at.line });
    if (!f)
        return;
    f->severity = (uint8_t)info->severity;
    f->kind = info->slug;
    f->safe = false;
    f->message = pn_report_text_add(report, pn_str_of_text(pn_diag_message(diag)));
    f->help = pn_report_text_add(report, pn_str_of_text(pn_diag_help(diag)));
    if (diag->note) { /* the first line of the note, without its indentation */
        const char *note = diag->note + strspn(diag->note, " ");

        f->label =
            pn_report_text_add(report, (struct pn_str){ note, strcspn(note, "\n") });
    }
    for (size_t i = 0; i < diag->related_count; i++) {
        const struct pn_related *r = &diag->related[i];
        uint32_t other;
        const struct pn_source *from = source_of(lint, &r->at, &other);

        if (from)
            pn_finding_link(report, f,
                            (struct pn_source_span){ from, r->at.span, r->at.line },
                            pn_report_text_add(report, pn_str_of_text(r->message)));
    }
    diag_edits(lint, f, diag, file);
    if (file == UINT32_MAX)
        return;
    if (diag->id == PN_DIAG_CARRIAGE_RETURN)
        pn_lint_returns_edit(lint, f, file);
    else if (diag->id == PN_DIAG_CONTINUED_LINE)
        continuation_edit(lint, f, file, diag->at.span.offset);
}

/* Is it reported where the list is named: P802 of an empty one, P812 of one outside of
 * its bounds, P803 of a file that is no list? */
static bool
is_reported_elsewhere(struct pn_lint *lint, const struct pn_diag *diag)
{
    uint32_t file = UINT32_MAX;

    if (diag->id == PN_DIAG_LIST_EMPTY || diag->id == PN_DIAG_LIST_OUTSIDE)
        return true;
    (void)source_of(lint, &diag->at, &file);
    return file == UINT32_MAX && pn_list_fault_scope(diag->id) == PN_LIST_FOREIGN;
}

/* Is it the rest of a rule that was to go on here? That is reported at its beginning.
 */
static bool
is_continuation(const struct pn_source *source, uint32_t at)
{
    const char *text = source->text;
    uint32_t end, line;

    while (at && text[at - 1] != '\n')
        at--;
    for (end = at; end && strchr(" \t\r\n", text[end - 1]);)
        end--;
    for (line = end; line && text[line - 1] != '\n';)
        line--;
    return end && strchr("\\,", text[end - 1]) && text[line] != '#';
}

static void
skipped(struct pn_lint *lint, uint32_t file, const struct pn_node *node)
{
    const struct pn_tree *tree = pn_unit_tree(lint->unit, file);
    struct pn_span span = pn_token_span(tree->tokens[node->token]);
    struct pn_str text = pn_source_slice(tree->source, span);
    struct pn_finding *f;
    uint32_t blanks = 0;

    if (pn_lint_is_marked(lint, file, span) ||
        is_continuation(tree->source, span.offset) ||
        (text.len == 1 && text.ptr[0] == '\r'))
        return;
    while (blanks < text.len && (text.ptr[blanks] == ' ' || text.ptr[blanks] == '\t'))
        blanks++;
    if (blanks && blanks < text.len && text.ptr[blanks] == '#') {
        f = pn_lint_add_span(lint, PN_CHECK_INDENTED_COMMENT, file, span);
        pn_lint_replace(lint, f, file, (struct pn_span){ span.offset, blanks },
                        PN_STR(""), 0);
        return;
    }
    f = pn_lint_add_span(lint, PN_CHECK_SKIPPED_LINE, file, span);
    if (f)
        f->help = pn_report_format(lint->report,
                                   "begin the line with # if it is a comment, else "
                                   "write ADDRESS:allow or ADDRESS:deny");
    pn_lint_replace(lint, f, file, (struct pn_span){ span.offset, 0 }, PN_STR("#"), 0);
}

/* The bounds of a range as they are written. */
struct bounds {
    struct pn_str low, high;
    struct pn_span low_span, high_span;
};

static struct bounds
bounds_of(struct pn_str key, uint32_t offset)
{
    size_t dash = (size_t)((const char *)memchr(key.ptr, '-', key.len) - key.ptr);
    size_t left = dash, right = dash + 1;

    while (left > 0 && key.ptr[left - 1] != '.')
        left--;
    while (right < key.len && key.ptr[right] != '.')
        right++;
    return (struct bounds){
        .low = { key.ptr + left, dash - left },
        .high = { key.ptr + dash + 1, right - dash - 1 },
        .low_span = { offset + (uint32_t)left, (uint32_t)(dash - left) },
        .high_span = { offset + (uint32_t)dash + 1, (uint32_t)(right - dash - 1) },
    };
}

static bool
is_above(struct pn_str digits)
{
    while (digits.len && *digits.ptr == '0') {
        digits.ptr++;
        digits.len--;
    }
    return digits.len > 3 ||
           (digits.len == 3 && memcmp(digits.ptr, "255", digits.len) > 0);
}

static void
reversed(struct pn_lint *lint, uint32_t item, const struct bounds *b)
{
    struct pn_finding *f = pn_lint_add(lint, PN_CHECK_REVERSED_RANGE, item);
    struct pn_buffer text = { 0 };

    pn_buffer_add(&text, b->high.ptr, b->high.len);
    pn_buffer_add_text(&text, "-");
    pn_buffer_add(&text, b->low.ptr, b->low.len);
    if (text.failed)
        lint->failed = true;
    else if (b->low.len && b->high.len)
        pn_lint_replace(lint, f, pn_lint_file(lint, item),
                        (struct pn_span){ b->low_span.offset,
                                          b->low_span.size + 1 + b->high_span.size },
                        pn_str_of(&text), 0);
    pn_buffer_free(&text);
}

static void
range_lint(struct pn_lint *lint, uint32_t item, struct pn_str key)
{
    uint32_t file = pn_lint_file(lint, item);
    struct bounds b = bounds_of(key, pn_lint_span(lint, item).offset);
    struct pn_expansion x;
    struct pn_finding *f;

    if (!pn_expand(key, &x) || !x.ranged)
        return;
    if (!pn_expansion_count(&x)) {
        reversed(lint, item, &b);
        return;
    }
    if (!b.low.len || !b.high.len) {
        f = pn_lint_add(lint, PN_CHECK_EMPTY_BOUND, item);
        if (!b.low.len)
            pn_lint_replace(lint, f, file, b.low_span, PN_STR("0"), 0);
        if (!b.high.len)
            pn_lint_replace(lint, f, file, b.high_span, PN_STR("0"), 0);
    }
    if (is_above(b.high) || is_above(b.low)) {
        f = pn_lint_add(lint, PN_CHECK_CLIPPED_RANGE, item);
        if (f)
            f->label = pn_report_format(lint->report, "compiled as %llu to %llu", x.low,
                                        x.high);
    }
    if (pn_expansion_count(&x) == OCTET_KEYS) {
        f = pn_lint_add(lint, PN_CHECK_HUGE_EXPANSION, item);
        if (f && x.back.len == 1)
            f->help = pn_report_format(
                lint->report, "%.*s says the same with one key, a step shorter",
                (int)x.front.len, x.front.ptr);
    }
}

static void
classic_item(struct pn_lint *lint, uint32_t item)
{
    struct pn_str key = pn_lint_text(lint, item);
    enum pn_check fault = pn_classic_key_fault(key);

    if (fault == PN_CHECK_SPACE_IN_KEY || fault == PN_CHECK_SECOND_RANGE ||
        fault == PN_CHECK_RANGE_NOT_EXPANDED) {
        pn_lint_key_edits(lint, pn_lint_add(lint, fault, item), item, fault);
        return;
    }
    if (key.len && memchr(key.ptr, '-', key.len) && !memchr(key.ptr, '=', key.len) &&
        !memchr(key.ptr, '@', key.len))
        range_lint(lint, item, key);
}

void
pn_lint_lines(struct pn_lint *lint)
{
    for (size_t i = 0; i < lint->diags->count; i++)
        if (!is_reported_elsewhere(lint, &lint->diags->items[i]))
            diag_add(lint, &lint->diags->items[i]);
    for (uint32_t i = 0; i < lint->unit->count; i++) {
        const struct pn_node *file = lint->unit->files[i]->tree.file;

        for (const struct pn_node *n = file ? file->children.head : NULL; n;
             n = n->next)
            if (n->kind == PN_NODE_SKIPPED)
                skipped(lint, i, n);
    }
    for (uint32_t t = 0; lint->has_classic && t < lint->policy->item_count; t++)
        if (pn_lint_is_written(lint, t) && pn_lint_is_classic(lint, t))
            classic_item(lint, t);
}
