/* postern explain: the page of a finding or of a diagnostic, and the list of all. */
#include <string.h>

#include "analysis/lint/finding.h"
#include "base/nearest.h"
#include "base/sizes.h"
#include "tools/pager.h"
#include "tools/render/json.h"
#include "tools/render/pages.h"
#include "tools/render/text.h"
#include "tools/tool.h"
#include "tools/verbs.h"

static const struct pn_option rows[] = { PN_COMMON_OPTIONS };

const struct pn_option_table pn_options_explain = { rows, PN_COUNT_OF(rows) };

/* What is listed together: whose code or slug begins so, the first that fits. */
static const struct family {
    const char *front, *title;
} families[] = {
    { "P0", "How lines are read" },
    { "P1", "Keys that match nobody, or not whom they seem to" },
    { "P2", "Rules that decide nothing" },
    { "P3", "Rules that change nothing" },
    { "P4", "Steps that decide before others" },
    { "P5", "Who is let in, and what they get" },
    { "P6", "Variables" },
    { "P7", "Form" },
    { "P8", "Definitions, lists and tests" },
    { "P9", "The linter's own" },
    { "list-", "What is wrong with a list" },
    { "classic-", "What the classic format cannot say" },
    { "config-", "What is wrong with a .postern" },
    { "", "What is wrong with rules" },
};

/* One of what is explained: a row of the checks, or of the diagnostics. */
struct entry {
    const char *code; /* NULL for a diagnostic */
    const char *name, *severity, *text;
};

/* Checks come first, in the order of their tables. */
enum { ENTRY_COUNT = PN_CHECK_NONE + PN_DIAG_NONE };

static struct entry
entry_of(size_t number)
{
    const struct pn_check_info *check;
    const struct pn_diag_info *diag;

    if (number < PN_CHECK_NONE) {
        check = &pn_check_info[number];
        return (struct entry){ check->code, check->name,
                               check->on ? pn_severity_name[check->severity] : "off",
                               check->text };
    }
    diag = &pn_diag_info[number - PN_CHECK_NONE];
    return (struct entry){ NULL, diag->slug, pn_severity_name[diag->severity],
                           diag->text };
}

const struct pn_page *
pn_page_find(const char *name)
{
    for (const struct pn_page *page = pn_pages; page->name; page++)
        if (strcmp(page->name, name) == 0)
            return page;
    return NULL;
}

static const struct pn_page *
page_of(const struct entry *entry)
{
    return pn_page_find(entry->code ? entry->code : entry->name);
}

static const struct family *
family_of(const struct entry *entry)
{
    const char *word = entry->code ? entry->code : entry->name;
    const struct family *family = families;

    while (strncmp(word, family->front, strlen(family->front)) != 0)
        family++;
    return family;
}

static void
mark(void *payload, enum pn_check check)
{
    ((bool *)payload)[check] = true;
}

/* Marks what a word names, and counts it. */
static size_t
named(struct pn_str word, bool marked[ENTRY_COUNT])
{
    size_t count = pn_check_named(word, mark, marked);

    for (size_t i = 0; i < PN_DIAG_NONE; i++)
        if (pn_edits(word, pn_str_of_text(pn_diag_info[i].slug)) == 0) {
            marked[PN_CHECK_NONE + i] = true;
            count++;
        }
    return count;
}

static const char *
near(struct pn_str word)
{
    const char *check = pn_check_near(word);
    struct pn_nearest nearest;

    pn_nearest_begin(&nearest, word);
    if (check)
        pn_nearest_offer(&nearest, pn_str_of_text(check));
    for (size_t i = 0; i < PN_DIAG_NONE; i++)
        pn_nearest_offer(&nearest, pn_str_of_text(pn_diag_info[i].slug));
    return nearest.best.ptr ? nearest.best.ptr : check;
}

/* One line for each, family by family. */
static void
list_text(struct pn_paged *to, const bool marked[ENTRY_COUNT])
{
    bool any = false;

    for (const struct family *f = families; f < families + PN_COUNT_OF(families); f++) {
        bool begun = false;

        for (size_t i = 0; i < ENTRY_COUNT; i++) {
            struct entry e = entry_of(i);

            if (!marked[i] || family_of(&e) != f)
                continue;
            if (!begun) {
                pn_output_text(&to->out, any ? "\n" : "");
                pn_output_paint(&to->out, to->styled ? PN_PAINT_BOLD : "");
                pn_output_text(&to->out, f->title);
                pn_output_paint(&to->out, to->styled ? PN_PAINT_RESET : "");
                pn_output_text(&to->out, "\n");
                begun = any = true;
            }
            pn_output_format(&to->out, "  %-5s%-24s %-8s ", e.code ? e.code : "",
                             e.name, e.severity);
            pn_output_text(&to->out, e.text);
            pn_output_text(&to->out, "\n");
        }
    }
}

static void
pages_text(struct pn_paged *to, const bool marked[ENTRY_COUNT], size_t columns)
{
    bool any = false;

    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        struct entry e = entry_of(i);
        const struct pn_page *page = marked[i] ? page_of(&e) : NULL;
        struct pn_str text;

        if (!page)
            continue;
        text = (struct pn_str){ (const char *)page->text, page->size };
        pn_output_text(&to->out, any ? "\n" : "");
        any = true;
        if (to->laid_out)
            pn_page_write(&to->out, text, to->styled, columns);
        else
            pn_output_add(&to->out, text.ptr, text.len);
    }
}

static void
entry_json(struct pn_output *out, const struct entry *e, const struct pn_page *page)
{
    pn_output_text(out, "{");
    if (e->code)
        pn_output_format(out, "\"code\": \"%s\", ", e->code);
    pn_output_format(out,
                     "\"name\": \"%s\", \"severity\": \"%s\", \"message\": ", e->name,
                     e->severity);
    pn_json_string(out, e->text, strlen(e->text));
    if (page) {
        pn_output_text(out, ", \"page\": ");
        pn_json_string(out, (const char *)page->text, page->size);
    }
    pn_output_text(out, "}");
}

static void
json(struct pn_output *out, const bool marked[ENTRY_COUNT], bool pages)
{
    bool any = false;

    pn_output_text(out, "{\"schema\": 1, \"findings\": [");
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        struct entry e = entry_of(i);

        if (!marked[i])
            continue;
        pn_output_text(out, any ? ",\n" : "\n");
        entry_json(out, &e, pages ? page_of(&e) : NULL);
        any = true;
    }
    pn_output_text(out, "\n]}\n");
}

int
pn_verb_explain(struct pn_tool *tool, int argc, char **argv)
{
    bool marked[ENTRY_COUNT] = { false }, listed = true;
    struct pn_common common = { 0 };
    struct pn_paged text;
    int operands, status;

    if (!pn_tool_options(tool, argc, argv, &common, &operands, &status))
        return status;
    for (int i = 0; i < operands; i++) {
        struct pn_str word = pn_str_of_text(argv[i]);
        size_t count = named(word, marked);

        if (!count)
            return pn_tool_fail_unknown(tool, word, "no finding has this name",
                                        near(word));
        listed &= pn_check_is_front(word);
    }
    for (size_t i = 0; i < ENTRY_COUNT && !operands; i++)
        marked[i] = true;
    if (common.format == PN_FORMAT_JSON) {
        json(&tool->out, marked, !listed);
        return PN_EXIT_OK;
    }
    pn_paged_begin(&text, tool);
    if (listed)
        list_text(&text, marked);
    else
        pages_text(&text, marked, tool->columns);
    return pn_paged_end(&text, tool);
}
