/* Line by line, in constant memory. */
#include "tools/input/log_file.h"

#include <errno.h>
#include <fcntl.h>
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
    struct pn_query_line line;
    uint64_t number; /* of the line, from 1 */
    struct pn_log_tally tally;
    int status;
};

static bool
line_take(struct log *log, struct pn_str text)
{
    pn_query_parse(&log->line, text);
    pn_log_tally_line(&log->tally, &log->line, log->number);
    return log->line.kind != PN_QUERY_READ || log->take(log->payload, &log->line.query);
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
    return true;
}

int
pn_log_read(struct pn_tool *tool, const char *name, pn_log_fn take, void *payload)
{
    struct log log = { .tool = tool, .name = name, .take = take, .payload = payload };
    bool is_stdin = strcmp(name, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : pn_files_open(name, O_RDONLY | O_CLOEXEC, 0);
    struct pn_reader reader;

    if (fd < 0)
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, name);
    pn_reader_begin(&reader, name, fd);
    pn_progress_measure_file(&tool->progress, fd);
    while (pn_reader_next(&reader) && piece_take(&log, &reader.piece))
        pn_progress_add(&tool->progress, reader.piece.size);
    pn_progress_measure(&tool->progress, 0, NULL);
    if (reader.error)
        log.status = pn_tool_fail_of(
            tool, reader.error == EISDIR ? PN_EXIT_USAGE : PN_EXIT_SYSTEM, name,
            strerror(reader.error));
    else if (log.status == PN_EXIT_OK)
        log.status = pn_log_tally_end(&log.tally, tool, name);
    pn_reader_end(&reader);
    pn_buffer_free(&log.line.decoded);
    if (!is_stdin)
        close(fd);
    return log.status;
}
