/* check --batch: a query a line in, a decision a line out, in constant memory. */
#include "tools/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/input/query.h"
#include "tools/progress.h"
#include "tools/render/json.h"
#include "tools/told_answers.h"

/* Lines that are answered together, in their order. */
struct batch {
    struct pn_check *check;
    struct pn_query_line lines[PN_RULES_FILE_MANY];
    size_t numbers[PN_RULES_FILE_MANY]; /* of the lines, from 1 */
    size_t count;
    struct pn_told_answers told;
    size_t number; /* of the line at hand */
    bool is_log;   /* a line of tcpserver was read: others are of other programs */
    int status;    /* the worst so far */
};

int
pn_check_verdict(const struct pn_check *check, const struct pn_answer *answer)
{
    return check->expect >= 0 && answer->decision.verdict != check->expect
               ? PN_EXIT_FINDINGS
               : PN_EXIT_OK;
}

int
pn_check_fail(struct pn_check *check, enum postern_status status)
{
    return pn_tool_fail_status(check->tool, check->file.name, status);
}

static void
answer_fault(struct batch *batch, size_t number, const char *fault)
{
    struct pn_tool *tool = batch->check->tool;

    if (batch->check->common.format == PN_FORMAT_JSON) {
        pn_output_text(&tool->out, "{\"error\": ");
        pn_json_string(&tool->out, fault, strlen(fault));
        pn_output_text(&tool->out, "}\n");
    } else {
        pn_output_text(&tool->out, "error\t");
        pn_output_text(&tool->out, fault);
        pn_output_text(&tool->out, "\n");
    }
    pn_output_format(&tool->err, "-:%zu:1: error: %s\n", number, fault);
    batch->status = PN_EXIT_USAGE;
}

static void
answer_write(struct batch *batch, const struct pn_answer *answer)
{
    struct pn_check *check = batch->check;

    pn_told_answer(&batch->told, &check->tool->out, answer);
    if (batch->status == PN_EXIT_OK)
        batch->status = pn_check_verdict(check, answer);
}

/* Answers the lines that were gathered. False when there is no going on. */
static bool
lines_answer(struct batch *batch)
{
    const struct postern_query *queries[PN_RULES_FILE_MANY];
    struct pn_answer answers[PN_RULES_FILE_MANY];
    size_t count = 0, decided, at = 0;
    enum postern_status status;

    for (size_t i = 0; i < batch->count; i++)
        if (batch->lines[i].kind == PN_QUERY_READ)
            queries[count++] = &batch->lines[i].query;
    status = pn_rules_file_decide_many(&batch->check->file, queries, count, answers,
                                       &decided);
    for (size_t i = 0; i < batch->count; i++) {
        const struct pn_query_line *line = &batch->lines[i];

        if (line->kind == PN_QUERY_FAULTY)
            answer_fault(batch, batch->numbers[i], line->fault);
        else if (at == decided)
            break; /* all behind this one could not be decided */
        else
            answer_write(batch, &answers[at++]);
    }
    batch->count = 0;
    if (status != POSTERN_OK)
        batch->status = pn_check_fail(batch->check, status);
    return status == POSTERN_OK && !batch->check->tool->out.error;
}

/* False when there is no going on. */
static bool
line_take(struct batch *batch, struct pn_str text)
{
    struct pn_query_line *line = &batch->lines[batch->count];

    pn_query_parse(line, text);
    batch->is_log |= line->is_log;
    if (line->kind == PN_QUERY_NONE ||
        (line->kind == PN_QUERY_FAULTY && batch->is_log && !line->is_log))
        return true;
    batch->numbers[batch->count++] = batch->number;
    return batch->count < PN_RULES_FILE_MANY || lines_answer(batch);
}

static bool
answer_piece(struct batch *batch, const struct pn_source *piece)
{
    const char *at = piece->text, *end = at + piece->size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        batch->number++;
        if (!line_take(batch, (struct pn_str){ at, len }))
            return false;
        at += len + 1;
    }
    /* a caller that waits for an answer before the next question gets it */
    return lines_answer(batch) && pn_output_flush(&batch->check->tool->out);
}

static int
batch_run(struct batch *batch)
{
    struct pn_check *check = batch->check;
    struct pn_reader reader;

    pn_reader_begin(&reader, "-", STDIN_FILENO);
    pn_progress_measure_file(&check->tool->progress, STDIN_FILENO);
    while (pn_reader_next(&reader) && answer_piece(batch, &reader.piece))
        pn_progress_add(&check->tool->progress, reader.piece.size);
    if (reader.error)
        batch->status = pn_tool_failf(check->tool, PN_EXIT_SYSTEM, "standard input: %s",
                                      strerror(reader.error));
    pn_reader_end(&reader);
    return batch->status;
}

int
pn_check_batch(struct pn_check *check)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    int status;

    if (!batch)
        return pn_check_fail(check, POSTERN_E_NOMEM);
    batch->check = check;
    pn_told_begin(&batch->told, check->common.format == PN_FORMAT_JSON);
    status = batch_run(batch);
    for (size_t i = 0; i < PN_RULES_FILE_MANY; i++)
        pn_buffer_free(&batch->lines[i].decoded);
    pn_told_end(&batch->told);
    free(batch);
    return status;
}
