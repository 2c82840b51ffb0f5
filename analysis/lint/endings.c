/*
 * Lints carriage returns, byte order marks, NULs and a missing last newline, which the
 * classic compiler reads as ordinary bytes.
 */
#include "analysis/lint/endings.h"

#include <string.h>

#include "base/utf8.h"

enum { EDITS_MAX = 10000, MARK_SIZE = 3 };

static bool
has_mark(const struct pn_source *source)
{
    return source->size >= MARK_SIZE &&
           memcmp(source->text, "\xef\xbb\xbf", MARK_SIZE) == 0;
}

bool
pn_lint_is_marked(const struct pn_lint *lint, uint32_t file, struct pn_span span)
{
    return !span.offset && has_mark(pn_lint_source(lint, file));
}

static bool
is_classic(const struct pn_lint *lint, uint32_t file)
{
    return lint->unit->files[file]->dialect == PN_CLASSIC;
}

/* The offset of the next carriage return before a newline; the size of the text for
 * none. */
static uint32_t
next_return(const struct pn_source *source, uint32_t at)
{
    while (at + 1 < source->size) {
        const char *found = memchr(source->text + at, '\r', source->size - 1 - at);

        if (!found)
            break;
        at = (uint32_t)(found - source->text);
        if (found[1] == '\n')
            return at;
        at++;
    }
    return (uint32_t)source->size;
}

static size_t
count_returns(const struct pn_source *source)
{
    size_t count = 0;

    for (uint32_t at = next_return(source, 0); at < source->size;
         at = next_return(source, at + 1))
        count++;
    return count;
}

void
pn_lint_returns_edit(struct pn_lint *lint, struct pn_finding *f, uint32_t file)
{
    const struct pn_source *source = pn_lint_source(lint, file);

    if (count_returns(source) > EDITS_MAX)
        return;
    for (uint32_t at = next_return(source, 0); at < source->size;
         at = next_return(source, at + 1))
        pn_lint_replace(lint, f, file, (struct pn_span){ at, 1 }, PN_STR(""), 0);
}

/* Has the compiler reported the carriage returns as an error? */
static bool
is_reported(const struct pn_lint *lint, uint32_t file)
{
    for (size_t i = 0; i < lint->diags->count; i++)
        if (lint->diags->items[i].id == PN_DIAG_CARRIAGE_RETURN &&
            strcmp(lint->diags->items[i].at.name, pn_lint_source(lint, file)->name) ==
                0)
            return true;
    return false;
}

/* Reports all carriage returns of a file as one finding. */
static void
carriage_returns_lint(struct pn_lint *lint, uint32_t file)
{
    const struct pn_source *source = pn_lint_source(lint, file);
    uint32_t first = next_return(source, 0);
    struct pn_finding *f;

    if (first == source->size || is_reported(lint, file))
        return;
    f = pn_lint_add_span(lint, PN_CHECK_LINE_ENDING, file,
                         (struct pn_span){ first, 1 });
    if (!f)
        return;
    f->label = pn_report_format(lint->report, "%zu lines end in a carriage return",
                                count_returns(source));
    if (!is_classic(lint, file)) /* in a value they may be meant */
        pn_lint_returns_edit(lint, f, file);
}

/* A byte order mark: before a comment it is harmless, before a rule it breaks the rule.
 * */
static void
bom_lint(struct pn_lint *lint, uint32_t file)
{
    const struct pn_source *source = pn_lint_source(lint, file);
    struct pn_finding *f;

    if (!has_mark(source))
        return;
    f = pn_lint_add_span(lint, PN_CHECK_LINE_ENDING, file,
                         (struct pn_span){ 0, MARK_SIZE });
    if (!f)
        return;
    f->label = pn_report_format(lint->report, "a byte order mark");
    if (is_classic(lint, file)) {
        f->severity = PN_WARNING;
        f->help =
            pn_report_format(lint->report, "the first line is not read as it looks: "
                                           "a byte order mark is a part of it");
        f->safe = memchr("#\n", source->text[MARK_SIZE], 2) != NULL;
    }
    pn_lint_replace(lint, f, file, (struct pn_span){ 0, MARK_SIZE }, PN_STR(""), 0);
}

void
pn_lint_endings(struct pn_lint *lint, uint32_t file)
{
    const struct pn_source *source = pn_lint_source(lint, file);
    const char *nul = source->size ? memchr(source->text, '\0', source->size) : NULL;
    uint32_t size = (uint32_t)source->size;
    struct pn_finding *f;

    bom_lint(lint, file);
    if (nul) {
        f = pn_lint_add_span(lint, PN_CHECK_LINE_ENDING, file,
                             (struct pn_span){ (uint32_t)(nul - source->text), 1 });
        if (f)
            f->label = pn_report_format(lint->report, "a NUL byte");
    }
    carriage_returns_lint(lint, file);
    if (size && source->text[size - 1] != '\n') {
        uint32_t at = (uint32_t)pn_utf8_floor(source->text, size - 1);

        f = pn_lint_add_span(lint, PN_CHECK_LINE_ENDING, file,
                             (struct pn_span){ at, size - at });
        if (f)
            f->label = pn_report_format(lint->report, "no newline at the end");
        pn_lint_replace(lint, f, file, (struct pn_span){ size, 0 }, PN_STR("\n"), 0);
    }
}
