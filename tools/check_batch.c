/*
 * check --batch: a query a line in, a decision a line out, in constant memory. What it
 * promises to a caller that counts lines is in docs/formats.md.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/check.h"
#include "tools/check_follow.h"
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
    struct pn_columns columns;
    struct pn_followed followed;
    size_t number; /* of the line at hand */
    int input;     /* enum pn_check_input; of any, what was seen so far */
    bool is_any;   /* the caller did not say */
    size_t left;   /* with --chunk-header, lines of the block at hand */
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
    } else if (batch->check->columns) {
        pn_columns_fault(&batch->columns, &tool->out, fault);
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

static void
line_refuse(struct pn_query_line *line, const char *fault)
{
    line->kind = PN_QUERY_FAULTY;
    line->fault = fault;
}

/*
 * Of TSV and JSON every line is a query, and one that is none is a fault; of a log,
 * what is no connection of a tcpserver's is passed over. False for such a line.
 */
static bool
line_counts(struct batch *batch, struct pn_query_line *line, struct pn_str text)
{
    const bool has_brace = text.len && text.ptr[0] == '{';

    if (batch->is_any && line->is_log)
        batch->input = PN_CHECK_INPUT_LOG;
    if (batch->input == PN_CHECK_INPUT_LOG)
        return line->is_log && line->kind != PN_QUERY_NONE;
    if (batch->input == PN_CHECK_INPUT_ANY)
        batch->input = has_brace ? PN_CHECK_INPUT_JSON : PN_CHECK_INPUT_TSV;
    if (!text.len)
        line_refuse(line, "the line is blank");
    else if (text.ptr[0] == '#')
        line_refuse(line, "the line is a remark");
    else if (line->is_log)
        line_refuse(line, "this is a line of a log, and no query");
    else if (!batch->is_any && has_brace != (batch->input == PN_CHECK_INPUT_JSON))
        line_refuse(line,
                    has_brace ? "this is no query in TSV" : "this is no query in JSON");
    else if (line->kind == PN_QUERY_NONE)
        line_refuse(line, "there is no query in it");
    return true;
}

/* False when there is no going on. */
static bool
line_take(struct batch *batch, struct pn_str text)
{
    struct pn_query_line *line = &batch->lines[batch->count];

    pn_query_parse(line, text);
    if (!line_counts(batch, line, text))
        return true;
    batch->numbers[batch->count++] = batch->number;
    return batch->count < PN_RULES_FILE_MANY || lines_answer(batch);
}

/* A line with how many follow, which is said before their answers too. */
static bool
header_take(struct batch *batch, struct pn_str text)
{
    struct pn_tool *tool = batch->check->tool;
    size_t number;

    if (text.len > 9 ||
        !pn_count_parse_part(text.ptr, text.ptr + text.len, 0, 999999999, &number)) {
        pn_output_format(&tool->err,
                         "-:%zu:1: error: a number of lines is wanted, of up to nine "
                         "digits\n",
                         batch->number);
        batch->status = PN_EXIT_USAGE;
        return false;
    }
    batch->left = number;
    pn_output_format(&tool->out, "%zu\n", number);
    return true;
}

static bool
any_take(struct batch *batch, struct pn_str text)
{
    if (batch->check->chunk_header && !batch->left)
        return lines_answer(batch) && header_take(batch, text);
    batch->left -= batch->check->chunk_header;
    return line_take(batch, text);
}

static bool
answer_piece(struct batch *batch, const struct pn_source *piece)
{
    const char *at = piece->text, *end = at + piece->size;

    if (batch->check->follow && pn_followed_look(&batch->followed, batch->check))
        pn_told_forget(&batch->told);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        batch->number++;
        if (!any_take(batch, (struct pn_str){ at, len }))
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
    bool goes_on = true;

    pn_reader_begin(&reader, "-", STDIN_FILENO);
    pn_progress_measure_file(&check->tool->progress, STDIN_FILENO);
    while (pn_reader_next(&reader) && (goes_on = answer_piece(batch, &reader.piece)))
        pn_progress_add(&check->tool->progress, reader.piece.size);
    if (reader.error)
        batch->status = pn_tool_failf(check->tool, PN_EXIT_SYSTEM, "standard input: %s",
                                      strerror(reader.error));
    else if (goes_on && batch->left)
        batch->status = pn_tool_failf(check->tool, PN_EXIT_USAGE,
                                      "standard input ends %zu lines before its block",
                                      batch->left);
    pn_reader_end(&reader);
    return batch->status;
}

/* What the options say of the lines. */
static int
batch_begin(struct batch *batch, struct pn_check *check)
{
    struct pn_told_form form = { .json = check->common.format == PN_FORMAT_JSON };
    struct pn_str wrong;

    batch->check = check;
    batch->input = check->input;
    batch->is_any = check->input == PN_CHECK_INPUT_ANY;
    if (check->columns) {
        if (!pn_columns_read(check->columns, &batch->columns, &wrong))
            return pn_tool_fail_unknown(check->tool, wrong, "no such column", NULL);
        form.columns = &batch->columns;
    }
    pn_told_begin(&batch->told, &form);
    return PN_EXIT_OK;
}

int
pn_check_batch(struct pn_check *check)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    int status;

    if (!batch)
        return pn_check_fail(check, POSTERN_E_NOMEM);
    status = batch_begin(batch, check);
    if (status == PN_EXIT_OK)
        status = batch_run(batch);
    for (size_t i = 0; i < PN_RULES_FILE_MANY; i++)
        pn_buffer_free(&batch->lines[i].decoded);
    pn_told_end(&batch->told);
    free(batch);
    return status;
}
