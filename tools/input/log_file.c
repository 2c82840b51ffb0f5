/* Line by line, in constant memory. */
#include "tools/input/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "tools/input/query.h"
#include "tools/log_tally.h"
#include "tools/progress.h"

struct log {
    struct pn_tool *tool;
    const char *name;
    pn_log_fn take;
    void *payload;
    struct pn_query_line *lines; /* PN_LOG_MANY: those that are taken together */
    size_t count;
    uint64_t number; /* of the line, from 1 */
    struct pn_log_tally tally;
    int status;
};

static bool
lines_take(struct log *log)
{
    const struct postern_query *queries[PN_LOG_MANY];
    size_t count = log->count;

    for (size_t i = 0; i < count; i++)
        queries[i] = &log->lines[i].query;
    log->count = 0;
    return !count || log->take(log->payload, queries, count);
}

static bool
line_take(struct log *log, struct pn_str text)
{
    struct pn_query_line *line = &log->lines[log->count];

    pn_query_parse(line, text);
    pn_log_tally_line(&log->tally, line, log->number);
    return line->kind != PN_QUERY_READ || ++log->count < PN_LOG_MANY || lines_take(log);
}

static bool
piece_take(struct log *log, const struct pn_source *piece)
{
    const char *at = piece->text, *end = at + piece->size;

    if (!log->number && pn_log_is_packed(log->tool, log->name, at, piece->size)) {
        log->status = PN_EXIT_USAGE;
        return false;
    }
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        log->number++;
        if (!line_take(log, (struct pn_str){ at, len }))
            return false;
        at += len + 1;
    }
    return lines_take(log); /* their texts are in the piece */
}

static void
log_read(struct log *log, int fd)
{
    struct pn_tool *tool = log->tool;
    struct pn_reader reader;

    pn_reader_begin(&reader, log->name, fd);
    pn_progress_measure_file(&tool->progress, fd);
    while (pn_reader_next(&reader) && piece_take(log, &reader.piece))
        pn_progress_add(&tool->progress, reader.piece.size);
    pn_progress_measure(&tool->progress, 0, NULL);
    if (reader.error)
        log->status = pn_tool_fail_of(
            tool, reader.error == EISDIR ? PN_EXIT_USAGE : PN_EXIT_SYSTEM, log->name,
            strerror(reader.error));
    else if (log->status == PN_EXIT_OK)
        log->status = pn_log_tally_end(&log->tally, tool, log->name);
    pn_reader_end(&reader);
}

int
pn_log_read(struct pn_tool *tool, const char *name, pn_log_fn take, void *payload)
{
    struct log log = { .tool = tool, .name = name, .take = take, .payload = payload };
    bool is_stdin = strcmp(name, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : pn_files_open(name, O_RDONLY | O_CLOEXEC, 0);

    if (fd < 0)
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, name);
    log.lines = calloc(PN_LOG_MANY, sizeof(*log.lines));
    if (log.lines)
        log_read(&log, fd);
    else
        log.status = pn_tool_fail_of(tool, PN_EXIT_SYSTEM, name, strerror(ENOMEM));
    for (size_t i = 0; log.lines && i < PN_LOG_MANY; i++)
        pn_buffer_free(&log.lines[i].decoded);
    free(log.lines);
    if (!is_stdin)
        close(fd);
    return log.status;
}
