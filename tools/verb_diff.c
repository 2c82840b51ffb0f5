/* postern diff: which clients a change of a policy affects, exactly. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sizes.h"
#include "tools/diff_assertions.h"
#include "tools/diff_only.h"
#include "tools/input/rules_pair.h"
#include "tools/render/answer.h"
#include "tools/render/changes.h"
#include "tools/verbs.h"
#include "tools/weigh.h"

enum { FORBID_LOOSER = 2 }; /* of forbid_choices */
enum { NO_HOST = 1, NO_IDENT = 2, MAX_SHOWN = 20 };

struct diff_config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *only, *weigh, *as_of;
    int forbid; /* of forbid_choices */
    unsigned assume;
    size_t max;
};

static const char *const format_choices[] = { "text", "json", "markdown", "github",
                                              NULL };
static const char *const forbid_choices[] = { "nothing", "stricter", "looser",
                                              "looser-clients", NULL };
static const char *const assume_choices[] = { "no-host", "no-ident", NULL };

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS_OF(format_choices, "text, json, markdown or github"),
    PN_ROOT_OPTION,
    { "forbid", 0, PN_OPTION_CHOICE, offsetof(struct diff_config, forbid), "WHAT",
      forbid_choices, "looser, looser-clients or stricter: 1 when it is" },
    { "only", 0, PN_OPTION_TEXT, offsetof(struct diff_config, only), "TARGETS", NULL,
      "1 when anything outside of these changes" },
    { "as-of", 0, PN_OPTION_TEXT, offsetof(struct diff_config, as_of), "DATE", NULL,
      "leave out what ends before this day" },
    { "weigh", 0, PN_OPTION_TEXT, offsetof(struct diff_config, weigh), "LOG", NULL,
      "count the logged connections of each region" },
    { "assume", 0, PN_OPTION_SET, offsetof(struct diff_config, assume), "WHAT",
      assume_choices, "no-host, no-ident: no server looks them up" },
    { "max", 0, PN_OPTION_COUNT, offsetof(struct diff_config, max), "N", NULL,
      "show N regions as text or markdown (20)" },
};

const struct pn_option_table pn_options_diff = { rows, PN_COUNT_OF(rows) };

struct diff_run {
    struct pn_tool *tool;
    const struct diff_config *config;
    struct pn_rules_pair pair;
    struct pn_changes changes;
    struct pn_diff_assertions assertions;
    struct pn_change_report report;
    uint64_t *weights;
};

static int
fail_status(struct diff_run *run, enum postern_status status)
{
    return pn_tool_failf(run->tool, PN_EXIT_SYSTEM, "%s", postern_status_text(status));
}

static struct pn_change_question
question_of(struct diff_run *run)
{
    return (struct pn_change_question){ .no_host = run->config->assume & NO_HOST,
                                        .no_ident = run->config->assume & NO_IDENT,
                                        .work = &run->tool->work };
}

/* --forbid: a result of the other direction, or none, is fine. */
static int
gate_forbid(struct diff_run *run)
{
    static const enum pn_direction forbidden[] = { PN_SAME, PN_STRICTER, PN_LOOSER,
                                                   PN_LOOSER };
    const char *word = forbid_choices[run->config->forbid];
    enum pn_direction result = run->changes.direction;

    if (result == forbidden[run->config->forbid] || result == PN_MIXED)
        return pn_tool_failf(run->tool, PN_EXIT_FINDINGS,
                             "--forbid %s: this change is %s", word,
                             pn_direction_names[result]);
    if (run->config->forbid != FORBID_LOOSER || !run->report.assertion_count)
        return PN_EXIT_OK;
    return pn_tool_failf(run->tool, PN_EXIT_FINDINGS,
                         "--forbid %s: what OLD claims NEW does not", word);
}

static int
gates(struct diff_run *run)
{
    int status = PN_EXIT_OK, next;

    if (!run->config->only && !run->config->forbid)
        return run->changes.blocks.count ? PN_EXIT_FINDINGS : PN_EXIT_OK;
    if (run->config->forbid)
        status = gate_forbid(run);
    if (run->config->only) {
        const struct pn_change_question question = question_of(run);

        next = pn_diff_only(run->tool, &run->pair, run->config->only, &question);
        status = next > status ? next : status;
    }
    run->report.broken = status == PN_EXIT_FINDINGS;
    return status;
}

static int
weigh(struct diff_run *run)
{
    struct pn_weighing weighing = { .pair = &run->pair,
                                    .changes = &run->changes,
                                    .all_count = run->config->assume != 0 };
    int status;

    run->weights = calloc(run->changes.blocks.count + 1, sizeof(*run->weights));
    if (!run->weights)
        return fail_status(run, POSTERN_E_NOMEM);
    weighing.weights = run->weights;
    run->report.weights = run->weights;
    status = pn_weigh(&weighing, run->tool, run->config->weigh);
    run->report.weighed = weighing.connections;
    return status;
}

/* For GitHub, the table goes to the summary of the job besides. */
static void
summarise(struct diff_run *run)
{
    struct pn_output summary;
    int fd = run->config->common.format == PN_CHANGES_GITHUB
                 ? pn_tool_summary(run->tool)
                 : -1;

    if (fd < 0)
        return;
    pn_output_begin(&summary, fd);
    pn_changes_markdown(&summary, &run->report);
    (void)pn_output_end(&summary); /* nothing is lost but the table */
    close(fd);
}

static int
compare(struct diff_run *run)
{
    struct pn_change_question question = question_of(run);
    enum postern_status status =
        pn_changes_find(&run->changes, run->pair.sides, &question);
    int result = PN_EXIT_OK, gated;

    if (status != POSTERN_OK)
        return fail_status(run, status);
    run->report = (struct pn_change_report){
        .changes = &run->changes,
        .sides = { pn_rules_file_answer, { &run->pair.files[0], &run->pair.files[1] } },
        .names = { run->pair.files[0].name, run->pair.files[1].name },
        .max = run->config->max,
        .style = pn_tool_style(run->tool, &run->config->common, &run->tool->out),
    };
    result = pn_diff_assertions_find(&run->assertions, run->tool, &run->pair,
                                     run->config->common.as_of);
    if (result != PN_EXIT_OK)
        return result;
    run->report.assertions = run->assertions.lines;
    run->report.assertion_count = run->assertions.changes.count;
    if (run->config->weigh)
        result = weigh(run);
    if (result != PN_EXIT_OK)
        return result;
    gated = gates(run);
    if (gated >= PN_EXIT_USAGE)
        return gated;
    pn_changes_render[run->config->common.format](&run->tool->out, &run->report);
    summarise(run);
    return run->report.status == POSTERN_OK ? gated
                                            : fail_status(run, run->report.status);
}

int
pn_verb_diff(struct pn_tool *tool, int argc, char **argv)
{
    struct diff_config config = { .max = MAX_SHOWN };
    struct diff_run run = { .tool = tool, .config = &config };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 2)
        return pn_tool_usage(tool, "OLD and NEW are wanted");
    if (config.as_of) {
        config.common.as_of =
            pn_date_read((struct pn_str){ config.as_of, strlen(config.as_of) });
        if (!config.common.as_of)
            return pn_tool_usage(tool, "--as-of takes a date, YYYY-MM-DD");
    }
    status = pn_rules_pair_lift(&run.pair, tool, &config.common, argv);
    if (status == PN_EXIT_OK)
        status = compare(&run);
    free(run.weights);
    pn_diff_assertions_clear(&run.assertions);
    pn_changes_clear(&run.changes);
    pn_rules_pair_close(&run.pair);
    return status;
}
