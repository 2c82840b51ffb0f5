/*
 * Fuzz: a text of either dialect through every check, every form of a report, and the
 * mends. What is called safe is proven, so that none is ever left out.
 */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <string.h>

#include "analysis/lint/ignores.h"
#include "tests/fuzz/check.h"
#include "tools/lint_fix.h"
#include "tools/render/findings.h"
#include "tools/render/findings_table.h"

enum { READS_MAX = 3, SIZE_MAX_FIXED = 2000 };

static struct pn_str whole;
static int reads;

static bool
read_again(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    (void)payload;
    errno = ENOENT;
    return reads++ < READS_MAX && path[0] != 'n' && whole.len <= limit &&
           pn_source_from_text(out, path, whole);
}

static const char *const privileged[] = { "RELAYCLIENT", NULL };

static struct pn_lint_options
options_make(void)
{
    return (struct pn_lint_options){ .reading = { read_again, NULL, NULL, 0 },
                                     .privileged = privileged,
                                     .today = 20261201 };
}

/* Every format, into memory. */
static void
render(struct pn_report *report)
{
    struct pn_findings findings = { .report = report, .max = 10, .seconds = -1 };

    pn_report_sort(report, true);
    pn_findings_count(report, &findings.count);
    for (int f = 0; f < PN_FINDINGS_FORMATS; f++) {
        struct pn_output out = { .fd = -1 };

        pn_findings_render[f](&out, &findings);
        pn_findings_table(&out, &findings);
        CHECK(!out.pending.failed);
        pn_buffer_free(&out.pending);
    }
}

static void
lint(const struct pn_source *source)
{
    struct pn_lint_options options = options_make();
    struct pn_diags diags = { .limit = 30 };
    struct pn_loaded_policy loaded = { 0 };
    struct pn_report report;

    reads = 0;
    pn_report_begin(&report);
    for (int c = 0; c < PN_CHECK_NONE; c++)
        report.on[c] = true;
    CHECK(pn_lint_run(&options, source, NULL, &loaded, &diags, &report));
    pn_ignores_apply(&report, &loaded.unit, 0);
    CHECK(!report.failed);
    render(&report);
    pn_report_clear(&report);
    pn_loaded_policy_clear(&loaded);
    pn_diags_clear(&diags);
}

/* The text as a file that nobody has written yet. */
static void
fix(const struct pn_source *source)
{
    struct pn_lint_options options = options_make();
    struct pn_tool tool = { 0 };
    bool on[PN_CHECK_NONE];
    struct pn_fix_operand operand = { .name = "fuzz", .options = &options, .on = on };
    struct pn_fixing fixing = { .tool = &tool, .operands = &operand, .count = 1 };
    struct pn_source file = { .name = "fuzz",
                              .text = source->text,
                              .size = source->size };
    struct pn_drafts drafts = { 0 };

    for (int c = 0; c < PN_CHECK_NONE; c++)
        on[c] = true;
    CHECK(pn_drafts_get(&drafts, &file));
    CHECK(pn_fix_run(&fixing, &drafts) == PN_EXIT_OK);
    CHECK(!fixing.refused);
    pn_drafts_diff(&tool.out, &(const struct pn_style){ 0 }, &drafts);
    pn_buffer_free(&tool.out.pending);
    pn_fixing_clear(&fixing);
    pn_fix_operand_clear(&operand);
    pn_drafts_clear(&drafts);
}

static bool
names_files(struct pn_str text)
{
    return memmem(text.ptr, text.len, "include", 7) ||
           memmem(text.ptr, text.len, "file", 4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_source source;

    whole = (struct pn_str){ (const char *)data, size };
    CHECK(pn_source_from_text(&source, "fuzz", whole));
    lint(&source);
    if (size && size < SIZE_MAX_FIXED && !names_files(whole))
        fix(&source);
    pn_source_clear(&source);
    return 0;
}
