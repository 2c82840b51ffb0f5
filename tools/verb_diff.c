/* postern diff: whom a change of policy changes, exactly. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sizes.h"
#include "tools/log_file.h"
#include "tools/render/answer.h"
#include "tools/render/changes.h"
#include "tools/rules_pair.h"
#include "tools/targets.h"

enum { NO_HOST = 1, NO_IDENT = 2, MAX_SHOWN = 20 };

struct config {
    struct pn_common common; /* first: see pn_tool_options() */
    const char *only, *weigh;
    int forbid; /* enum pn_direction; PN_SAME: nothing is forbidden */
    unsigned assume;
    size_t max;
};

static const char *const format_choices[] = { "text", "json", "markdown", "github",
                                              NULL };
static const char *const forbid_choices[] = { "nothing", "stricter", "looser", NULL };
static const char *const assume_choices[] = { "no-host", "no-ident", NULL };

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS_OF(format_choices, "text, json, markdown or github"),
    { "forbid", 0, PN_OPTION_CHOICE, offsetof(struct config, forbid), "WHAT",
      forbid_choices, "looser or stricter: 1 when anything of it is there" },
    { "only", 0, PN_OPTION_TEXT, offsetof(struct config, only), "TARGETS", NULL,
      "1 when anything outside of these changes" },
    { "weigh", 0, PN_OPTION_TEXT, offsetof(struct config, weigh), "LOG", NULL,
      "count the logged connections of each region" },
    { "assume", 0, PN_OPTION_SET, offsetof(struct config, assume), "WHAT",
      assume_choices, "no-host, no-ident: no server looks them up" },
    { "max", 0, PN_OPTION_COUNT, offsetof(struct config, max), "N", NULL,
      "show N regions as text or markdown (20)" },
};

struct run {
    struct pn_tool *tool;
    const struct config *config;
    struct pn_rules_pair pair;
    struct pn_changes changes;
    struct pn_change_report report;
    uint64_t *weights;
};

static int
fail_status(struct run *run, enum postern_status status)
{
    return pn_tool_fail(run->tool, PN_EXIT_SYSTEM,
                        (const char *const[]){ postern_status_text(status), NULL });
}

static struct pn_change_question
question_of(const struct config *config)
{
    return (struct pn_change_question){ .no_host = config->assume & NO_HOST,
                                        .no_ident = config->assume & NO_IDENT };
}

/* --only: what changes outside of the targets. */
static int
gate_only(struct run *run)
{
    struct pn_change_question question = question_of(run->config);
    struct pn_targets targets;
    struct pn_changes outside = { 0 };
    enum postern_status status = POSTERN_OK;
    const char *odd;
    int result = PN_EXIT_OK;

    if (!pn_targets_read(&targets, run->config->only, &odd)) {
        pn_targets_clear(&targets);
        return pn_tool_usage(run->tool, "--only wants addresses, prefixes, ranges and "
                                        "hosts as rules write them, with commas");
    }
    question.apart = &targets.addresses;
    question.names_apart = targets.names;
    question.name_apart_count = targets.name_count;
    if (targets.failed)
        status = POSTERN_E_NOMEM;
    else if (!targets.everything)
        status = pn_changes_find(&outside, run->pair.sides, &question);
    if (status != POSTERN_OK) {
        result = fail_status(run, status);
    } else if (outside.blocks.count) {
        struct postern_query query =
            pn_block_witness(&outside.blocks, &outside.blocks.items[0]);

        pn_output_text(&run->tool->err, "postern diff: --only: something outside of it "
                                        "changes, as for ");
        pn_query_text(&run->tool->err, &query);
        pn_output_text(&run->tool->err, "\n");
        result = PN_EXIT_FINDINGS;
    }
    pn_changes_clear(&outside);
    pn_targets_clear(&targets);
    return result;
}

/* --forbid: a result of the other direction, or none, is fine. */
static int
gate_forbid(struct run *run)
{
    enum pn_direction result = run->changes.direction;

    if (result != (enum pn_direction)run->config->forbid && result != PN_MIXED)
        return PN_EXIT_OK;
    return pn_tool_fail(
        run->tool, PN_EXIT_FINDINGS,
        (const char *const[]){ "--forbid ", forbid_choices[run->config->forbid],
                               ": this change is ", pn_direction_names[result], NULL });
}

static int
gates(struct run *run)
{
    int status = PN_EXIT_OK, next;

    if (!run->config->only && !run->config->forbid)
        return run->changes.blocks.count ? PN_EXIT_FINDINGS : PN_EXIT_OK;
    if (run->config->forbid)
        status = gate_forbid(run);
    if (run->config->only) {
        next = gate_only(run);
        status = next > status ? next : status;
    }
    run->report.broken = status == PN_EXIT_FINDINGS;
    return status;
}

/* A pn_log_fn: adds a connection to each region that it is in: there is one at most. */
static bool
weigh_one(void *payload, const struct postern_query *query)
{
    struct run *run = payload;
    const struct pn_blocks *blocks = &run->changes.blocks;

    run->report.weighed++;
    for (size_t i = 0; i < blocks->count; i++)
        if (pn_block_holds(blocks, &blocks->items[i], query)) {
            run->weights[i]++;
            break;
        }
    return true;
}

static int
weigh(struct run *run)
{
    run->weights = calloc(run->changes.blocks.count + 1, sizeof(*run->weights));
    if (!run->weights)
        return fail_status(run, POSTERN_E_NOMEM);
    run->report.weights = run->weights;
    return pn_log_read(run->tool, run->config->weigh, weigh_one, run);
}

/* For GitHub, the table goes to the summary of the job besides. */
static void
summarise(struct run *run)
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
compare(struct run *run)
{
    struct pn_change_question question = question_of(run->config);
    enum postern_status status =
        pn_changes_find(&run->changes, run->pair.sides, &question);
    int result = PN_EXIT_OK, gated;

    if (status != POSTERN_OK)
        return fail_status(run, status);
    run->report = (struct pn_change_report){
        .changes = &run->changes,
        .files = { &run->pair.files[0], &run->pair.files[1] },
        .max = run->config->max,
        .color =
            pn_tool_color(run->tool, &run->config->common, run->tool->out_is_terminal),
    };
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

static int
verb_diff(struct pn_tool *tool, int argc, char **argv)
{
    struct config config = { .max = MAX_SHOWN };
    struct run run = { .tool = tool, .config = &config };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands != 2)
        return pn_tool_usage(tool, "OLD and NEW are wanted");
    status = pn_rules_pair_open(&run.pair, tool, &config.common, argv);
    if (status == PN_EXIT_OK)
        status = compare(&run);
    free(run.weights);
    pn_changes_clear(&run.changes);
    pn_rules_pair_close(&run.pair);
    return status;
}

extern const struct pn_verb pn_verb_diff;
const struct pn_verb pn_verb_diff = {
    .name = "diff",
    .operands = "OLD NEW",
    .summary = "Tell whom a change of policy changes, exactly.",
    .options = &(const struct pn_option_table){ rows, PN_COUNT_OF(rows) },
    .run = verb_diff,
};
