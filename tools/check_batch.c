/* check --batch: a query a line in, a decision a line out, in constant memory. */
#include "tools/check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/input/query.h"
#include "tools/progress.h"
#include "tools/render/answer.h"
#include "tools/render/json.h"

struct batch {
    struct pn_check *check;
    struct pn_query_line line;
    size_t number; /* of the line, from 1 */
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
answer_fault(struct batch *batch, const char *fault)
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
    pn_output_format(&tool->err, "-:%zu:1: error: %s\n", batch->number, fault);
    batch->status = PN_EXIT_USAGE;
}

/* False when there is no going on. */
static bool
answer_line(struct batch *batch, struct pn_str text)
{
    struct pn_check *check = batch->check;
    struct pn_query_line *line = &batch->line;
    struct pn_answer answer;
    enum postern_status status;

    pn_query_parse(line, text);
    batch->is_log |= line->is_log;
    if (line->kind == PN_QUERY_FAULTY && !(batch->is_log && !line->is_log))
        answer_fault(batch, line->fault);
    if (line->kind != PN_QUERY_READ)
        return true;
    status = pn_rules_file_decide(&check->file, &line->query, NULL, NULL, &answer);
    if (status != POSTERN_OK) {
        batch->status = pn_check_fail(check, status);
        return false;
    }
    if (check->common.format == PN_FORMAT_JSON) {
        pn_answer_json(&check->tool->out, &answer);
        pn_output_text(&check->tool->out, "\n");
    } else {
        pn_answer_line(&check->tool->out, &answer);
    }
    if (batch->status == PN_EXIT_OK)
        batch->status = pn_check_verdict(check, &answer);
    return !check->tool->out.error;
}

static bool
answer_piece(struct batch *batch, const struct pn_source *piece)
{
    const char *at = piece->text, *end = at + piece->size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        batch->number++;
        if (!answer_line(batch, (struct pn_str){ at, len }))
            return false;
        at += len + 1;
    }
    /* a caller that waits for an answer before the next question gets it */
    return pn_output_flush(&batch->check->tool->out);
}

int
pn_check_batch(struct pn_check *check)
{
    struct batch batch = { .check = check };
    struct pn_reader reader;

    pn_reader_begin(&reader, "-", STDIN_FILENO);
    pn_progress_measure_file(&check->tool->progress, STDIN_FILENO);
    while (pn_reader_next(&reader) && answer_piece(&batch, &reader.piece))
        pn_progress_add(&check->tool->progress, reader.piece.size);
    if (reader.error)
        batch.status = pn_tool_failf(check->tool, PN_EXIT_SYSTEM, "standard input: %s",
                                     strerror(reader.error));
    pn_reader_end(&reader);
    pn_buffer_free(&batch.line.decoded);
    return batch.status;
}
