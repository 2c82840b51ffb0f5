/* postern lint: what a rule file says that its author may not mean. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analysis/lint/ignores.h"
#include "base/sizes.h"
#include "base/vector.h"
#include "tools/input/folders.h"
#include "tools/lint_baseline.h"
#include "tools/lint_fix.h"
#include "tools/lint_operands.h"
#include "tools/lint_sharing.h"
#include "tools/render/findings.h"
#include "tools/render/findings_table.h"
#include "tools/verbs.h"

enum { DIAGS_MAX = 1000000, POLL_MS = 200 };

struct lint_run {
    struct pn_tool *tool;
    struct pn_words words;       /* of POSTERN_OPTS and the command line, */
    struct pn_lint_config given; /* what they say, */
    char **names;                /* and the files: in words that the parser has moved */
    int count;
    struct pn_lint_config config; /* of the whole run: that of the first operand */
    struct pn_notices notices;
    struct pn_report report;
    struct pn_watched watched;
    struct pn_operands files; /* the names, with what lies below folders */
    struct pn_lint_operands operands;
    struct pn_fix_operand *fixed; /* by operand: what each of them is made of */
    struct pn_fixing fixing;
    struct pn_drafts drafts;
    struct pn_sharing sharing;
    bool too_much;   /* that was reported, and in JSON in the place of the findings */
    bool unreadable; /* a statement could not be parsed */
};

static int
lint_text(struct lint_run *run, size_t number, const struct pn_source *source)
{
    const struct pn_lint_operand *o = &run->operands.items[number];
    struct pn_diags diags = { .limit = DIAGS_MAX };
    struct pn_lint_options options = o->settings->setup.options;
    struct pn_loaded_policy loaded = { 0 };
    size_t first = run->report.count;
    struct pn_work work = pn_work_for(source->size);
    bool good;
    int error;

    options.work = &work;
    memcpy(run->report.on, o->settings->setup.on, sizeof(run->report.on));
    run->report.operand = (uint32_t)number;
    options.reading = pn_drafts_reading(&run->drafts);
    good = pn_lint_run(&options, source, o->tests, &loaded, &diags, &run->report) &&
           pn_fix_operand_fill(&run->fixed[number], &loaded.unit) &&
           pn_sharing_note(&run->sharing, &run->report, &loaded.unit, first);
    error = good ? 0 : errno;
    if (good && !o->settings->config.no_ignores)
        pn_ignores_apply(&run->report, &loaded.unit, first);
    run->unreadable |= diags.errors != 0;
    pn_loaded_policy_clear(&loaded);
    pn_diags_clear(&diags);
    if (good && !run->report.failed)
        return PN_EXIT_OK;
    if (work.spent) {
        run->too_much = true;
        return pn_tool_too_much(run->tool, &run->config.common, pn_lint_too_much);
    }
    if (error && error != ENOMEM) {
        errno = error;
        return pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, o->tests);
    }
    return pn_tool_fail_memory(run->tool, source->name);
}

/* Opens an operand as a source. What is wrong with it is reported, and is its status.
 */
static bool
operand_open(struct lint_run *run, struct pn_lint_operand *o, struct pn_source *out)
{
    *out = (struct pn_source){ 0 };
    if (o->status == PN_EXIT_OK)
        o->status =
            pn_source_open(run->tool, o->name, " is compiled: lint its source", out);
    return o->status == PN_EXIT_OK;
}

static void
lint_operand(struct lint_run *run, size_t number)
{
    struct pn_lint_operand *o = &run->operands.items[number];
    struct pn_source source = { 0 };

    if (o->status != PN_EXIT_OK)
        return;
    if (!run->drafts.count)
        (void)operand_open(run, o, &source);
    else if (!pn_drafts_read(&run->drafts, o->name, PN_SOURCE_SIZE_MAX, &source))
        o->status = pn_tool_fail_system(run->tool, PN_EXIT_SYSTEM, o->name);
    if (o->status == PN_EXIT_OK)
        o->status = lint_text(run, number, &source);
    o->read = o->status == PN_EXIT_OK;
    pn_source_clear(&source);
}

/* Reads files again, and notes which. */
static void
drafts_begin(struct lint_run *run)
{
    pn_drafts_clear(&run->drafts);
    run->drafts.seen = pn_watched_note;
    run->drafts.payload = &run->watched;
}

/* The operands that can be fixed: the others have a status that says why not. */
static size_t
fixable_choose(struct lint_run *run, struct pn_fix_operand *out)
{
    size_t count = 0;

    for (size_t i = 0; i < run->operands.count; i++) {
        struct pn_lint_operand *o = &run->operands.items[i];
        struct pn_source source;

        if (o->status == PN_EXIT_OK && strcmp(o->name, "-") == 0)
            o->status = pn_tool_usage(run->tool, "--fix wants a file, not -");
        if (!operand_open(run, o, &source))
            continue;
        pn_source_clear(&source);
        out[count++] = (struct pn_fix_operand){ .name = o->name,
                                                .tests = o->tests,
                                                .options = &o->settings->setup.options,
                                                .on = o->settings->setup.on };
    }
    return count;
}

static void
fixes_report(struct lint_run *run, const struct pn_fixing *fixing)
{
    if (fixing->applied && !run->config.diff)
        pn_output_format(&run->tool->err, "postern lint: %zu mend%s made\n",
                         fixing->applied, fixing->applied == 1 ? "" : "s");
    for (size_t i = 0; i < fixing->count; i++)
        if (fixing->operands[i].unprovable)
            pn_tool_failf(run->tool, PN_EXIT_OK,
                          "%s does not compile: nothing is mended but by --unsafe",
                          fixing->operands[i].name);
    if (fixing->messages.size)
        pn_output_text(&run->tool->err, fixing->messages.bytes);
    if (fixing->refused)
        pn_output_format(&run->tool->err,
                         "postern lint: %zu mends were left out, for they would change "
                         "a decision\n",
                         fixing->refused);
}

/* All operands are fixed and proven together; then what was proven is written. */
static int
fix_all(struct lint_run *run)
{
    struct pn_fix_operand *operands = calloc(run->operands.count, sizeof(*operands));
    struct pn_fixing fixing = { .tool = run->tool,
                                .common = &run->config.common,
                                .operands = operands,
                                .unsafe = run->config.unsafe,
                                .all_users = run->config.all_users };
    const struct pn_style style =
        pn_tool_style(run->tool, &run->config.common, &run->tool->out);
    int status = PN_EXIT_OK;

    if (!operands) {
        return pn_tool_fail_memory(run->tool, "--fix");
    }
    fixing.count = fixable_choose(run, operands);
    if (fixing.count)
        status = pn_fix_run(&fixing, &run->drafts);
    if (status == PN_EXIT_OK && run->config.diff)
        pn_drafts_diff(&run->tool->out, &style, &run->drafts);
    else if (status == PN_EXIT_OK)
        status = pn_drafts_write(run->tool, &run->drafts);
    if (status == PN_EXIT_OK)
        fixes_report(run, &fixing);
    if (status != PN_EXIT_OK || !run->config.diff)
        drafts_begin(run); /* the files are others now, or as they were */
    run->too_much = fixing.work.spent;
    for (size_t i = 0; i < fixing.count; i++)
        pn_fix_operand_clear(&operands[i]);
    pn_fixing_clear(&fixing);
    free(operands);
    return status;
}

/* The table for the summary of a step, where the runner says there is one. */
static void
summary_append(struct lint_run *run, const struct pn_findings *findings)
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

/* A finding counts from the level on that its operand's settings have. */
static bool
is_failing(const struct lint_run *run, const struct pn_finding *f)
{
    const struct pn_lint_config *config =
        f->operand < run->operands.count
            ? &run->operands.items[f->operand].settings->config
            : &run->config;

    return f->state == PN_FINDING_NEW && config->fail_level != PN_FAIL_NEVER &&
           f->severity <= config->fail_level;
}

static int
report_show(struct lint_run *run, double seconds)
{
    static const bool worst_first[PN_FINDINGS_FORMATS] = { [PN_FINDINGS_TEXT] = true,
                                                           [PN_FINDINGS_SARIF] = true,
                                                           [PN_FINDINGS_GITHUB] =
                                                               true };
    struct pn_findings findings = { .report = &run->report,
                                    .notices = &run->notices,
                                    .max = run->config.max,
                                    .seconds = -1 };
    int format = run->config.common.format;
    size_t failing = 0;

    pn_report_sort(&run->report, worst_first[format]);
    pn_findings_count(&run->report, &findings.count);
    findings.style = pn_tool_style(run->tool, &run->config.common, &run->tool->out);
    if (run->tool->out_is_terminal || seconds >= 1)
        findings.seconds = seconds;
    if (!run->config.diff)
        pn_findings_render[format](&run->tool->out, &findings);
    summary_append(run, &findings);
    for (size_t i = 0; i < run->report.count; i++)
        failing += is_failing(run, &run->report.items[i]);
    if (run->unreadable)
        return PN_EXIT_USAGE;
    return failing ? PN_EXIT_FINDINGS : PN_EXIT_OK;
}

/* The baseline of the run; what it knows of operands that were not read stays. */
static int
baseline_treat(struct lint_run *run)
{
    const struct pn_lint_config *config = &run->config;
    struct pn_baseline_file *files = calloc(run->operands.count + 1, sizeof(*files));
    struct pn_baseline baseline = { run->tool, config->baseline, files,
                                    run->operands.count };
    int status = PN_EXIT_OK;

    if (!files) {
        return pn_tool_fail_memory(run->tool, "--baseline");
    }
    for (size_t i = 0; i < run->operands.count; i++)
        files[i] = (struct pn_baseline_file){ run->operands.items[i].name,
                                              run->operands.items[i].read };
    run->report.operand = UINT32_MAX;
    memset(run->report.on, true, sizeof(run->report.on));
    if (config->baseline)
        status =
            pn_baseline_apply(&baseline, &run->report,
                              config->fix && !config->diff && !config->write_baseline);
    baseline.name = config->write_baseline;
    if (status == PN_EXIT_OK && config->write_baseline)
        status = pn_baseline_write(&baseline, &run->report);
    free(files);
    return status;
}

/* What a run script does wrong: reported once for all its operands. */
static int
servers_lint(struct lint_run *run)
{
    int status = PN_EXIT_OK;
    char **names = calloc(run->operands.count + 1, sizeof(*names));

    if (!names) {
        return pn_tool_fail_memory(run->tool, "--server");
    }
    for (size_t s = 0; s < run->operands.setting_count; s++) {
        const struct pn_lint_settings *settings = run->operands.settings[s];
        size_t count = 0;
        int one;

        for (size_t i = 0; i < run->operands.count; i++)
            if (run->operands.items[i].settings == settings &&
                run->operands.items[i].read) {
                run->report.operand = (uint32_t)i;
                names[count++] = run->operands.items[i].name;
            }
        if (!count)
            continue;
        memcpy(run->report.on, settings->setup.on, sizeof(run->report.on));
        one = pn_server_lint(run->tool, &settings->setup.flags, names, count,
                             &run->report);
        status = one > status ? one : status;
    }
    free(names);
    return status;
}

/* Operands, and of them what the whole run goes by: the first that has it. */
static int
run_begin(struct lint_run *run)
{
    const struct pn_lint_config *config = &run->config;
    bool found = false;
    int status;

    run->operands = (struct pn_lint_operands){ .tool = run->tool,
                                               .watched = &run->watched,
                                               .notices = &run->notices,
                                               .run = &run->words,
                                               .config = &run->given };
    run->config = run->given;
    drafts_begin(run);
    pn_report_begin(&run->report);
    run->unreadable = false;
    for (int i = 0; i < run->count; i++)
        if (pn_is_folder(run->names[i]))
            pn_watched_note(&run->watched, run->names[i]);
    status = pn_operands_make(&run->files, run->tool, run->count, run->names,
                              PN_OPERANDS_POLICIES);
    if (status != PN_EXIT_OK)
        return status;
    if (!pn_lint_operands_make(&run->operands, (int)run->files.count,
                               run->files.names))
        return pn_tool_fail_memory(run->tool, "lint");
    pn_notices_print(&run->notices, run->tool->verb->name, &run->tool->err);
    for (size_t i = 0; i < run->operands.count && !found; i++) {
        found = run->operands.items[i].status == PN_EXIT_OK;
        if (found)
            run->config = run->operands.items[i].settings->config;
    }
    if ((config->unsafe || config->diff || config->all_users) && !config->fix &&
        !(config->all_users && !config->unsafe && !config->diff))
        return pn_tool_usage(run->tool, "--unsafe and --diff go with --fix");
    if (config->diff && config->common.format != PN_FINDINGS_TEXT)
        return pn_tool_usage(run->tool, "--diff writes a patch, which is text");
    run->fixed = calloc(run->operands.count + 1, sizeof(*run->fixed));
    run->fixing =
        (struct pn_fixing){ .operands = run->fixed, .count = run->operands.count };
    if (run->fixed)
        return PN_EXIT_OK;
    return pn_tool_fail_memory(run->tool, "lint");
}

static void
run_end(struct lint_run *run)
{
    for (size_t i = 0; i < run->operands.count && run->fixed; i++)
        pn_fix_operand_clear(&run->fixed[i]);
    free(run->fixed);
    run->fixed = NULL;
    pn_sharing_clear(&run->sharing);
    pn_drafts_clear(&run->drafts);
    pn_report_clear(&run->report);
    pn_lint_operands_clear(&run->operands);
    pn_operands_clear(&run->files);
}

/* Each operand by itself; one that cannot be read does not undo another's result. */
static int
operands_lint(struct lint_run *run)
{
    int status = run->config.fix ? fix_all(run) : PN_EXIT_OK, one;

    if (run->operands.count > 1) /* one alone has no parts to count */
        pn_progress_measure(&run->tool->progress, run->operands.count, "files");
    for (size_t i = 0; i < run->operands.count && !run->too_much; i++) {
        lint_operand(run, i);
        pn_progress_add(&run->tool->progress, run->operands.count > 1);
        if (run->operands.items[i].status > status)
            status = run->operands.items[i].status;
    }
    pn_sharing_finish(&run->sharing, &run->report, &run->fixing);
    one = servers_lint(run);
    status = one > status ? one : status;
    one = baseline_treat(run);
    return one > status ? one : status;
}

static int
lint_once(struct lint_run *run)
{
    struct timespec start, end;
    int status = run_begin(run);

    clock_gettime(CLOCK_MONOTONIC, &start);
    if (status == PN_EXIT_OK) {
        int shown = PN_EXIT_OK;

        status = operands_lint(run);
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (!run->too_much || run->config.common.format != PN_FINDINGS_JSON)
            shown = report_show(run, (double)(end.tv_sec - start.tv_sec) +
                                         (double)(end.tv_nsec - start.tv_nsec) / 1e9);
        status = shown > status ? shown : status;
        if (run->config.write_baseline && status == PN_EXIT_FINDINGS)
            status = PN_EXIT_OK;
    }
    run_end(run);
    return status;
}

/* Until somebody ends it. */
static int
watch(struct lint_run *run)
{
    const struct timespec pause = { 0, POLL_MS * 1000000L };

    for (;;) {
        pn_progress_end(&run->tool->progress); /* from now on it mostly waits */
        if (!pn_output_flush(&run->tool->out) || !pn_output_flush(&run->tool->err))
            return PN_EXIT_SYSTEM;
        while (!pn_watched_is_changed(&run->watched))
            nanosleep(&pause, NULL);
        pn_watched_clear(&run->watched);
        pn_notices_clear(&run->notices);
        if (run->tool->out_is_terminal)
            pn_output_paint(&run->tool->out, "\033[H\033[2J");
        (void)lint_once(run);
    }
}

static void
checks_list(struct pn_output *out)
{
    for (enum pn_check c = 0; c < PN_CHECK_NONE; c++) {
        const struct pn_check_info *info = &pn_check_info[c];

        pn_output_format(out, "%s %-24s %-8s %s\n", info->code, info->name,
                         info->on ? pn_severity_name[info->severity] : "-", info->text);
    }
}

static int
given_run(struct lint_run *run)
{
    int status;

    if (run->given.list && run->given.common.format != PN_FINDINGS_TEXT)
        return pn_tool_usage(run->tool, "--list-checks is text; see postern explain "
                                        "--format json");
    if (run->given.list) {
        checks_list(&run->tool->out);
        return PN_EXIT_OK;
    }
    if (run->given.config && run->given.no_config)
        return pn_tool_usage(run->tool, "--config and --no-config exclude each other");
    if (!run->count)
        return pn_tool_usage(run->tool, "a FILE is wanted");
    status = lint_once(run);
    return run->given.watch ? watch(run) : status;
}

/*
 * The command line says which files, and whether to use a .postern; the .postern of
 * each file the rest.
 */
int
pn_verb_lint(struct pn_tool *tool, int argc, char **argv)
{
    struct lint_run run = { .tool = tool, .given = pn_lint_config_default() };
    bool good = pn_words_of_run(&run.words, tool->options, argc, argv);
    int status = PN_EXIT_OK;

    run.names = good ? calloc(run.words.count + 1, sizeof(*run.names)) : NULL;
    if (!run.names) {
        pn_words_clear(&run.words);
        return pn_tool_fail_memory(tool, "lint");
    }
    for (size_t i = 0; i < run.words.count; i++)
        run.names[i] = run.words.items[i];
    if (pn_tool_options(tool, (int)run.words.count, run.names, &run.given, &run.count,
                        &status))
        status = given_run(&run);
    pn_watched_clear(&run.watched);
    pn_notices_clear(&run.notices);
    pn_words_clear(&run.words);
    free(run.names);
    return status;
}
