/* postern lint: tells what a rule file says that its author may not mean. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analysis/lint/ignores.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "tools/lint_baseline.h"
#include "tools/lint_config.h"
#include "tools/lint_defaults.h"
#include "tools/lint_fix.h"
#include "tools/render/findings.h"
#include "tools/render/findings_table.h"
#include "tools/test_name.h"

enum { DIAGS_MAX = 1000000, SHOWN = 100, POLL_MS = 200 };

/* A file that was read, and when it was written: what --watch looks at. */
struct seen {
    char *path;
    struct timespec mtime;
    off_t size;
};

struct run {
    struct pn_tool *tool;
    struct pn_lint_config config;
    struct pn_lint_setup setup;
    struct pn_report report;
    struct seen *seen;
    size_t seen_count, seen_capacity;
    bool unreadable; /* a statement could not be parsed */
};

static void
seen_add(struct run *run, const char *path)
{
    struct stat st = { .st_size = -1 };

    if (!run->config.watch ||
        !pn_vector_reserve(&run->seen, &run->seen_capacity, run->seen_count + 1,
                           sizeof(*run->seen)))
        return;
    (void)stat(path, &st); /* one that is not there may come */
    run->seen[run->seen_count++] =
        (struct seen){ strdup(path), st.st_mtim, st.st_size };
}

static void
seen_clear(struct run *run)
{
    for (size_t i = 0; i < run->seen_count; i++)
        free(run->seen[i].path);
    run->seen_count = 0;
}

static void
seen_collect(struct run *run, const struct pn_program *program)
{
    for (size_t i = 0; i < program->unit.count; i++)
        seen_add(run, program->unit.files[i]->source.name);
    for (size_t i = 0; i < program->policy.names.lists.count; i++)
        seen_add(run, program->policy.names.lists.items[i].path);
}

static char *
tests_of(const char *name)
{
    if (!pn_name_ends_in(name, PN_RULES_END) || pn_name_ends_in(name, PN_TESTS_END))
        return NULL;
    return pn_name_renamed(name, PN_RULES_END, PN_TESTS_END);
}

static int
lint_text(struct run *run, const struct pn_source *source, const char *tests,
          struct pn_drafts *drafts)
{
    struct pn_diags diags = { .limit = DIAGS_MAX };
    struct pn_lint_options options = run->setup.options;
    struct pn_program program = { 0 };
    size_t first = run->report.count;
    bool good;

    options.reading = pn_drafts_reading(drafts);
    good = pn_lint_run(&options, source, tests, &program, &diags, &run->report);
    if (good && !run->config.no_ignores)
        pn_ignores_apply(&run->report, &program.unit, first);
    run->unreadable |= diags.errors != 0;
    seen_collect(run, &program);
    pn_program_clear(&program);
    pn_diags_clear(&diags);
    if (good && !run->report.failed)
        return PN_EXIT_OK;
    errno = ENOMEM;
    return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, source->name);
}

static int
fix_file(struct run *run, const char *name, const char *tests, struct pn_drafts *drafts)
{
    struct pn_fixing fixing = { .tool = run->tool,
                                .options = &run->setup.options,
                                .on = run->setup.on,
                                .name = name,
                                .tests = tests,
                                .unsafe = run->config.unsafe };
    int status = pn_fix_run(&fixing, drafts);

    if (status != PN_EXIT_OK)
        return status;
    if (run->config.diff)
        pn_drafts_diff(&run->tool->out, drafts);
    else
        status = pn_drafts_write(run->tool, drafts);
    if (fixing.applied && !run->config.diff)
        pn_output_format(&run->tool->err, "postern lint: %zu mend%s made\n",
                         fixing.applied, fixing.applied == 1 ? "" : "s");
    if (fixing.unprovable)
        pn_tool_fail(
            run->tool, PN_EXIT_OK,
            (const char *const[]){
                name, " does not compile: nothing is mended but by --unsafe", NULL });
    if (fixing.refused)
        pn_output_format(&run->tool->err,
                         "postern lint: %zu mends were left out, for they would change "
                         "a decision\n",
                         fixing.refused);
    return status;
}

static int
lint_file(struct run *run, const char *name)
{
    struct pn_drafts drafts = { 0 };
    struct pn_source source = { 0 };
    char *tests = tests_of(name);
    int status = PN_EXIT_OK;

    if (run->config.fix && strcmp(name, "-") == 0) {
        status = pn_tool_usage(run->tool, "--fix wants a file, not -");
    } else {
        status =
            pn_source_open(run->tool, name, " is compiled: lint its source", &source);
        if (status == PN_EXIT_OK && run->config.fix) {
            status = fix_file(run, name, tests, &drafts);
            pn_source_clear(&source);
            if (status == PN_EXIT_OK &&
                !pn_drafts_read(&drafts, name, PN_SOURCE_SIZE_MAX, &source))
                status = pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, name);
        }
        seen_add(run, name);
    }
    if (status == PN_EXIT_OK)
        status = lint_text(run, &source, tests, &drafts);
    pn_source_clear(&source);
    pn_drafts_clear(&drafts);
    free(tests);
    return status;
}

/* The table for the summary of a step, where the runner says there is one. */
static void
summary_append(struct run *run, const struct pn_findings *findings)
{
    struct pn_output table;
    int fd = run->config.common.format == PN_FINDINGS_GITHUB
                 ? pn_tool_summary(run->tool)
                 : -1;

    if (fd < 0)
        return;
    pn_output_begin(&table, fd);
    pn_findings_table(&table, findings);
    (void)pn_output_end(&table); /* nothing is lost but the table */
    close(fd);
}

static int
report_show(struct run *run, double seconds)
{
    static const bool worst_first[PN_FINDINGS_FORMATS] = { [PN_FINDINGS_TEXT] = true,
                                                           [PN_FINDINGS_SARIF] = true,
                                                           [PN_FINDINGS_GITHUB] =
                                                               true };
    struct pn_findings findings = { .report = &run->report,
                                    .max = run->config.max,
                                    .seconds = -1 };
    int format = run->config.common.format;
    size_t failing = 0;

    pn_report_sort(&run->report, worst_first[format]);
    pn_findings_count(&run->report, &findings.count);
    findings.color =
        pn_tool_color(run->tool, &run->config.common, run->tool->out_is_terminal);
    if (run->tool->out_is_terminal || seconds >= 1)
        findings.seconds = seconds;
    if (!run->config.diff)
        pn_findings_render[format](&run->tool->out, &findings);
    summary_append(run, &findings);
    for (int s = PN_ERROR; s <= PN_NOTE && run->config.fail_level != PN_FAIL_NEVER; s++)
        if (s <= run->config.fail_level)
            failing += findings.count.severity[s];
    if (run->unreadable)
        return PN_EXIT_USAGE;
    return failing ? PN_EXIT_FINDINGS : PN_EXIT_OK;
}

/* What the baseline knew in vain is in it no more. */
static int
baseline_mend(struct run *run)
{
    struct pn_report *report = &run->report;
    size_t kept = 0;

    for (size_t i = 0; i < report->count; i++)
        if (report->items[i].check != PN_CHECK_STALE_BASELINE)
            report->items[kept++] = report->items[i];
    report->count = kept;
    return pn_baseline_write(run->tool, run->config.baseline, report, true);
}

/* A file of tests is looked at with its rules: where these are named too, or are there.
 */
static int
lint_operand(struct run *run, int count, char **names, const char *name)
{
    char *root = NULL;
    int status = PN_EXIT_OK;
    bool named = false;

    if (!pn_name_ends_in(name, PN_TESTS_END))
        return lint_file(run, name);
    root = pn_name_renamed(name, PN_TESTS_END, PN_RULES_END);
    if (!root) {
        errno = ENOMEM;
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, name);
    }
    for (int i = 0; i < count; i++)
        named |= strcmp(names[i], root) == 0;
    if (!named)
        status = lint_file(run, access(root, F_OK) == 0 ? root : name);
    free(root);
    return status;
}

static int
lint_all(struct run *run, int count, char **names)
{
    struct timespec start, end;
    int status = PN_EXIT_OK;

    clock_gettime(CLOCK_MONOTONIC, &start);
    pn_report_begin(&run->report);
    memcpy(run->report.on, run->setup.on, sizeof(run->report.on));
    run->unreadable = false;
    for (int i = 0; i < count; i++) {
        int one = lint_operand(run, count, names, names[i]);

        status = one > status ? one : status;
    }
    if (status == PN_EXIT_OK || status == PN_EXIT_USAGE) {
        int one = pn_server_lint(run->tool, &run->setup.flags, names, (size_t)count,
                                 &run->report);

        status = one > status ? one : status;
    }
    if (status == PN_EXIT_OK && run->config.baseline)
        status = pn_baseline_apply(run->tool, run->config.baseline, &run->report);
    if (status == PN_EXIT_OK && run->config.write_baseline)
        status = pn_baseline_write(run->tool, run->config.write_baseline, &run->report,
                                   false);
    else if (status == PN_EXIT_OK && run->config.baseline && run->config.fix &&
             !run->config.diff)
        status = baseline_mend(run);
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (status == PN_EXIT_OK || status == PN_EXIT_USAGE) {
        int shown = report_show(run, (double)(end.tv_sec - start.tv_sec) +
                                         (double)(end.tv_nsec - start.tv_nsec) / 1e9);

        status = shown > status ? shown : status;
    }
    pn_report_clear(&run->report);
    return run->config.write_baseline && status == PN_EXIT_FINDINGS ? PN_EXIT_OK
                                                                    : status;
}

static bool
is_changed(const struct run *run)
{
    for (size_t i = 0; i < run->seen_count; i++) {
        struct stat st = { .st_size = -1 };

        (void)stat(run->seen[i].path, &st);
        if (st.st_size != run->seen[i].size ||
            st.st_mtim.tv_sec != run->seen[i].mtime.tv_sec ||
            st.st_mtim.tv_nsec != run->seen[i].mtime.tv_nsec)
            return true;
    }
    return false;
}

/* Until somebody ends it. */
static int
watch(struct run *run, int count, char **names)
{
    const struct timespec pause = { 0, POLL_MS * 1000000L };

    for (;;) {
        seen_clear(run);
        if (run->tool->out_is_terminal)
            pn_output_text(&run->tool->out, "\033[H\033[2J");
        (void)lint_all(run, count, names);
        if (!pn_output_flush(&run->tool->out) || !pn_output_flush(&run->tool->err))
            return PN_EXIT_SYSTEM;
        while (!is_changed(run))
            nanosleep(&pause, NULL);
    }
}

static void
checks_list(struct pn_output *out)
{
    for (enum pn_check c = 0; c < PN_CHECK_COUNT; c++) {
        const struct pn_check_info *info = &pn_check_info[c];

        pn_output_format(out, "%s %-24s %-8s %s\n", info->code, info->name,
                         info->on ? pn_severity_name[info->severity] : "-", info->text);
    }
}

static int
lint(struct run *run, int count, char **names)
{
    int status;

    if (run->config.list) {
        checks_list(&run->tool->out);
        return PN_EXIT_OK;
    }
    if (!count)
        return pn_tool_usage(run->tool, "a FILE is wanted");
    if ((run->config.unsafe || run->config.diff) && !run->config.fix)
        return pn_tool_usage(run->tool, "--unsafe and --diff go with --fix");
    status = pn_lint_setup_make(&run->setup, run->tool, &run->config);
    if (status == PN_EXIT_OK && run->config.watch)
        status = watch(run, count, names);
    else if (status == PN_EXIT_OK)
        status = lint_all(run, count, names);
    pn_lint_setup_clear(&run->setup);
    seen_clear(run);
    free(run->seen);
    return status;
}

static int
verb_lint(struct pn_tool *tool, int argc, char **argv)
{
    struct run run = { .tool = tool,
                       .config = { .fail_level = PN_FAIL_WARNING, .max = SHOWN } };
    struct pn_words words;
    char **copy = NULL;
    int operands = 0,
        status = pn_defaults_read(tool, argc, argv, tool->options, &words);

    if (status == PN_EXIT_OK) { /* the parser moves words about */
        copy = calloc(words.count + 1, sizeof(*copy));
        if (!copy)
            status = pn_tool_fail(tool, PN_EXIT_SYSTEM,
                                  (const char *const[]){ strerror(ENOMEM), NULL });
    }
    if (copy) {
        for (size_t i = 0; i < words.count; i++)
            copy[i] = words.items[i];
        if (pn_tool_options(tool, (int)words.count, copy, &run.config, &operands,
                            &status))
            status = lint(&run, operands, copy);
    }
    free(copy);
    pn_words_clear(&words);
    return status;
}

extern const struct pn_verb pn_verb_lint;
const struct pn_verb pn_verb_lint = {
    .name = "lint",
    .operands = "FILE...",
    .summary = "Find what a rule file says that its author may not mean.",
    .options = &pn_lint_option_table,
    .run = verb_lint,
};
