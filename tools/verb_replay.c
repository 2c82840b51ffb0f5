/* postern replay: which connections of a log two policies decide otherwise. */
#define _GNU_SOURCE /* memrchr */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/side_by_side.h"
#include "base/sizes.h"
#include "tools/progress.h"
#include "tools/render/answer.h"
#include "tools/render/blocks.h"
#include "tools/render/changes.h"
#include "tools/render/json.h"
#include "tools/replay.h"
#include "tools/verbs.h"

enum { TALKERS_SHOWN = 10 };

struct replay_config {
    struct pn_common common; /* first: see pn_tool_options() */
    bool emit;
    size_t jobs, max;
    const char *service;
};

static const struct pn_option rows[] = {
    PN_COMMON_OPTIONS,
    PN_ROOT_OPTION,
    { "emit", 0, PN_OPTION_FLAG, offsetof(struct replay_config, emit), NULL, NULL,
      "write a line for each connection, and no report" },
    { "jobs", 'j', PN_OPTION_COUNT, offsetof(struct replay_config, jobs), "N", NULL,
      "work on N cores (all of them)" },
    { "max", 0, PN_OPTION_COUNT, offsetof(struct replay_config, max), "N", NULL,
      "show N pairs of rules as text (20)" },
    { "service", 0, PN_OPTION_TEXT, offsetof(struct replay_config, service), "NAME",
      NULL, "of logs of several services, only the lines of NAME" },
};

const struct pn_option_table pn_options_replay = { rows, PN_COUNT_OF(rows) };

struct replay_run {
    struct pn_tool *tool;
    const struct replay_config *config;
    struct pn_rules_pair pair;
    struct pn_replay_worker *workers;
    char **blocks;
    size_t count;
    uint64_t faulty, passed; /* lines of files that are no logs, and of logs */
    /* the log at hand */
    const char *name;
    int fd;
    char *tail; /* the front of a line that a block cut off */
    size_t tail_size;
    uint64_t line; /* lines before the blocks at hand */
    struct pn_log_tally tally;
    bool ended;
    int status;
};

static bool
fail_system(struct replay_run *run, int status, const char *name, int error)
{
    run->status = pn_tool_fail_of(run->tool, status, name, pn_files_error(error));
    return false;
}

/* A block of whole lines; its size, 0 at the end. */
static bool
block_read(struct replay_run *run, char *block, size_t *size)
{
    size_t have = run->tail_size, kept;
    const char *last;

    memcpy(block, run->tail, have);
    while (have < PN_REPLAY_BLOCK && !run->ended) {
        ssize_t got = read(run->fd, block + have, PN_REPLAY_BLOCK - have);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_system(run, errno == EISDIR ? PN_EXIT_USAGE : PN_EXIT_SYSTEM,
                               run->name, errno);
        run->ended = got == 0;
        have += (size_t)got;
    }
    last = run->ended ? NULL : memrchr(block, '\n', have);
    if (!run->ended && !last) {
        run->status = pn_tool_failf(run->tool, PN_EXIT_USAGE,
                                    "%s: a line is longer than 1 MiB", run->name);
        return false;
    }
    kept = last ? (size_t)(last + 1 - block) : have;
    run->tail_size = have - kept;
    memcpy(run->tail, block + kept, run->tail_size);
    *size = kept;
    return true;
}

static void
work(void *payload)
{
    pn_replay_block(payload);
}

/* In the order of the blocks: lines that were emitted, and faults. */
static void
worker_deliver(struct replay_run *run, struct pn_replay_worker *w)
{
    if (run->config->emit) {
        pn_output_add(&run->tool->out, w->text.pending.bytes, w->text.pending.size);
        w->text.pending.size = 0;
    }
    pn_log_tally_add(&run->tally, &w->tally, run->line);
    run->line += w->lines;
    if (w->status != POSTERN_OK && run->status == PN_EXIT_OK)
        run->status = pn_tool_fail_status(run->tool, run->name, w->status);
}

static bool
is_packed(struct replay_run *run, const struct pn_replay_worker *w)
{
    if (run->line || w != run->workers ||
        !pn_log_is_packed(run->tool, run->name, w->block, w->size))
        return false;
    run->status = PN_EXIT_USAGE;
    return true;
}

/* What was not read is a fault of a file that is no log. */
static void
tally_end(struct replay_run *run)
{
    if (pn_log_tally_end(&run->tally, run->tool, run->name) == PN_EXIT_OK)
        run->passed += run->tally.unread;
    else
        run->faulty += run->tally.unread;
}

static bool
log_replay(struct replay_run *run)
{
    struct pn_progress *progress = &run->tool->progress;
    size_t used = 1;

    run->line = 0;
    run->tally = (struct pn_log_tally){ 0 };
    run->tail_size = 0;
    run->ended = false;
    pn_progress_measure_file(progress, run->fd);
    while (run->status == PN_EXIT_OK && used) {
        for (used = 0; used < run->count; used++) {
            struct pn_replay_worker *w = &run->workers[used];

            w->block = run->blocks[used];
            if (!block_read(run, run->blocks[used], &w->size) || !w->size ||
                is_packed(run, w))
                break;
            pn_progress_add(progress, w->size);
        }
        if (run->status != PN_EXIT_OK)
            break;
        if (used)
            pn_side_by_side(work, run->workers, sizeof(*run->workers), used);
        for (size_t i = 0; i < used; i++)
            worker_deliver(run, &run->workers[i]);
    }
    pn_progress_measure(progress, 0, NULL);
    if (run->status == PN_EXIT_OK)
        tally_end(run);
    return run->status == PN_EXIT_OK;
}

static bool
log_open(struct replay_run *run, const char *name)
{
    bool is_stdin = strcmp(name, "-") == 0, good;

    run->name = name;
    run->fd = is_stdin ? STDIN_FILENO : pn_files_open(name, O_RDONLY | O_CLOEXEC, 0);
    if (run->fd < 0)
        return fail_system(run, PN_EXIT_USAGE, name, errno);
    good = log_replay(run);
    if (!is_stdin)
        close(run->fd);
    return good;
}

static bool
workers_begin(struct replay_run *run)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    run->count = run->config->jobs ? run->config->jobs : cores > 0 ? (size_t)cores : 1;
    if (run->count > PN_SIDE_BY_SIDE_MAX)
        run->count = PN_SIDE_BY_SIDE_MAX;
    run->workers = calloc(run->count, sizeof(*run->workers));
    run->blocks = calloc(run->count, sizeof(*run->blocks));
    run->tail = malloc(PN_REPLAY_BLOCK);
    for (size_t i = 0; run->workers && run->blocks && i < run->count; i++) {
        run->blocks[i] = malloc(PN_REPLAY_BLOCK);
        if (!run->blocks[i] ||
            !pn_replay_begin(&run->workers[i], &run->pair, run->config->emit,
                             run->config->service))
            return fail_system(run, PN_EXIT_SYSTEM, "replay", ENOMEM);
    }
    return run->workers && run->blocks && run->tail
               ? true
               : fail_system(run, PN_EXIT_SYSTEM, "replay", ENOMEM);
}

static void
run_clear(struct replay_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->workers)
            pn_replay_clear(&run->workers[i]);
        if (run->blocks)
            free(run->blocks[i]);
    }
    free(run->workers);
    free(run->blocks);
    free(run->tail);
    pn_rules_pair_close(&run->pair);
}

static int
compare_pairs(const void *left, const void *right)
{
    const struct pn_replay_pair *a = left, *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return memcmp(a->rules, b->rules, sizeof(a->rules));
}

static int
compare_talkers(const void *left, const void *right)
{
    const struct pn_talker *a = left, *b = right;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return memcmp(&a->address, &b->address, sizeof(a->address));
}

static bool
answers_get(struct replay_run *run, const struct pn_replay_pair *pair,
            struct pn_answer answers[2])
{

    for (size_t i = 0; i < 2; i++)
        if (pn_rules_file_decide(&run->pair.files[i], &pair->query, NULL, NULL,
                                 &answers[i]) != POSTERN_OK)
            return fail_system(run, PN_EXIT_SYSTEM, run->pair.files[i].name, ENOMEM);
    return true;
}

static void
pair_text(struct replay_run *run, const struct pn_replay_pair *pair)
{
    struct pn_output *out = &run->tool->out;
    const struct pn_style style = pn_tool_style(run->tool, &run->config->common, out);
    struct pn_answer answers[2];

    if (!answers_get(run, pair, answers))
        return;
    pn_output_text(out, "\n");
    (void)pn_effect_text(out, &style, pair->effect);
    pn_number_text(out, pair->count, ",");
    pn_output_format(out, " connection%s\n", pair->count == 1 ? "" : "s");
    pn_sides_text(out, &style, answers, "  ");
    pn_output_text(out, "  one of them: ");
    pn_query_text(out, &pair->query);
    pn_output_text(out, "\n");
}

static void
talkers_text(struct replay_run *run, const struct pn_talker *talkers)
{
    struct pn_output *out = &run->tool->out;
    char address[POSTERN_ADDR_TEXT_SIZE];

    for (size_t i = 0; i < TALKERS_SHOWN && talkers[i].count; i++) {
        postern_addr_print(&talkers[i].address, address);
        pn_output_text(out, i ? ", " : "most of them from ");
        pn_output_format(out, "%s (%s%" PRIu64 ")", address,
                         talkers[i].error ? "at most " : "", talkers[i].count);
    }
    pn_output_text(out, talkers[0].count ? "\n" : "");
}

static void
report_text(struct replay_run *run, const struct pn_replay_worker *all,
            uint64_t changed)
{
    struct pn_output *out = &run->tool->out;

    pn_number_text(out, changed, ",");
    pn_output_text(out, " of ");
    pn_number_text(out, all->connections, ",");
    pn_output_text(out, " connections would be decided otherwise\n");
    for (size_t i = 0; i < all->pairs.count && i < run->config->max; i++)
        pair_text(run, &all->pairs.items[i]);
    if (all->pairs.count > run->config->max)
        pn_output_format(out, "and %zu more pairs of rules\n",
                         all->pairs.count - run->config->max);
    talkers_text(run, all->talkers);
}

static void
pair_json(struct replay_run *run, const struct pn_replay_pair *pair)
{
    struct pn_output *out = &run->tool->out;
    struct pn_answer answers[2];

    if (!answers_get(run, pair, answers))
        return;
    pn_output_format(out, "{\"effect\": \"%s\", \"count\": %" PRIu64 ", \"old\": ",
                     pn_effect_names[pair->effect], pair->count);
    pn_answer_json(out, &answers[0]);
    pn_output_text(out, ", \"new\": ");
    pn_answer_json(out, &answers[1]);
    pn_output_text(out, ", \"query\": ");
    pn_query_json(out, &pair->query);
    pn_output_text(out, "}");
}

static void
report_json(struct replay_run *run, const struct pn_replay_worker *all,
            uint64_t changed)
{
    struct pn_output *out = &run->tool->out;
    char address[POSTERN_ADDR_TEXT_SIZE];

    pn_output_format(out,
                     "{\"schema\": 1, \"connections\": %" PRIu64
                     ", \"changed\": %" PRIu64 ", \"faulty\": %" PRIu64
                     ", \"passed\": %" PRIu64 ", \"pairs\": [",
                     all->connections, changed, run->faulty, run->passed);
    for (size_t i = 0; i < all->pairs.count; i++) {
        pn_output_text(out, i ? ",\n" : "\n");
        pair_json(run, &all->pairs.items[i]);
    }
    pn_output_text(out, "], \"talkers\": [");
    for (size_t i = 0; i < TALKERS_SHOWN && all->talkers[i].count; i++) {
        postern_addr_print(&all->talkers[i].address, address);
        pn_output_format(out, "%s{\"address\": \"%s\", \"count\": %" PRIu64,
                         i ? ", " : "", address, all->talkers[i].count);
        if (all->talkers[i].error)
            pn_output_format(out, ", \"error\": %" PRIu64, all->talkers[i].error);
        pn_output_text(out, "}");
    }
    pn_output_text(out, "]}\n");
}

/* Everything that the workers found, as that of one. */
static int
report(struct replay_run *run)
{
    struct pn_replay_worker *all = &run->workers[0];
    struct pn_replay_pairs *pairs = &all->pairs;
    uint64_t changed = 0;

    for (size_t i = 1; i < run->count; i++)
        pn_replay_merge(all, &run->workers[i]);
    if (all->status != POSTERN_OK)
        return pn_tool_failf(run->tool, PN_EXIT_SYSTEM, "%s", strerror(ENOMEM));
    if (pairs->count)
        qsort(pairs->items, pairs->count, sizeof(*pairs->items), compare_pairs);
    qsort(all->talkers, PN_REPLAY_TALKERS, sizeof(*all->talkers), compare_talkers);
    for (size_t i = 0; i < pairs->count; i++)
        changed += pairs->items[i].count;
    if (!run->config->emit)
        (run->config->common.format == PN_FORMAT_JSON ? report_json
                                                      : report_text)(run, all, changed);
    if (run->status != PN_EXIT_OK)
        return run->status;
    return run->faulty ? PN_EXIT_USAGE : changed ? PN_EXIT_FINDINGS : PN_EXIT_OK;
}

int
pn_verb_replay(struct pn_tool *tool, int argc, char **argv)
{
    struct replay_config config = { .max = 20 };
    struct replay_run run = { .tool = tool, .config = &config };
    int status, operands;

    if (!pn_tool_options(tool, argc, argv, &config, &operands, &status))
        return status;
    if (operands < 2)
        return pn_tool_usage(tool, "OLD and NEW are wanted");
    if (config.emit && config.common.format != PN_FORMAT_TEXT)
        return pn_tool_usage(tool, "--emit writes lines of its own form");
    run.status = pn_rules_pair_open(&run.pair, tool, &config.common, argv);
    if (run.status == PN_EXIT_OK && workers_begin(&run)) {
        bool good = operands > 2 || log_open(&run, "-");

        for (int i = 2; i < operands && good; i++)
            good = log_open(&run, argv[i]);
        if (good)
            run.status = report(&run);
    }
    run_clear(&run);
    return run.status;
}
