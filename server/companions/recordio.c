/* recordio PROGRAM: what goes in and out of it, on standard error. */
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "server/command.h"
#include "server/companions/bridge.h"
#include "server/companions/flow.h"
#include "server/fatal.h"
#include "server/log.h"

static const struct srv_command this = {
    .name = "recordio",
    .usage = "recordio: usage: recordio program [ arg ... ]\n",
    .summary =
        "recordio PROGRAM [ARGUMENT...]\n"
        "Runs PROGRAM, and shows its input (<) and output (>) on standard error.\n",
};

/* A line is written in one go; POSIX keeps it whole up to 512 bytes in a pipe. */
enum { IN, OUT, SHOWN = 256, GATHERED = 4096 };

/* One direction of the stream, and its lines that are written together. */
struct record {
    const char *mark;
    pid_t program;
    struct pn_buffer lines;
};

static void
leave(struct record *record)
{
    (void)pn_write_all(STDERR_FILENO, record->lines.bytes,
                       record->lines.size); /* a log that is gone stops no bytes */
    record->lines.size = 0;
}

static void
line_show(struct record *record, const char *bytes, size_t size, const char *end)
{
    struct srv_line line = { .size = 0 };

    srv_line_number(&line, (unsigned long long)record->program);
    srv_line_text(&line, record->mark);
    if (record->lines.size + line.size + size + strlen(end) + 1 > GATHERED)
        leave(record);
    pn_buffer_add(&record->lines, line.bytes, line.size);
    pn_buffer_add(&record->lines, bytes, size);
    pn_buffer_add_text(&record->lines, end);
    pn_buffer_add(&record->lines, "\n", 1);
}

/* Up to SHOWN bytes: its lines, the last of them perhaps without an end. */
static void
piece_show(struct record *record, const char *bytes, size_t size)
{
    while (size) {
        const char *newline = memchr(bytes, '\n', size);
        size_t len = newline ? (size_t)(newline - bytes) : size;

        line_show(record, bytes, len, newline ? " " : "+");
        len += newline != NULL;
        bytes += len;
        size -= len;
    }
}

static void
on_seen(void *payload, const char *bytes, size_t size)
{
    struct record *record = payload;

    if (!size)
        line_show(record, "", 0, "[EOF]");
    for (size_t at = 0; at < size; at += SHOWN)
        piece_show(record, bytes + at, size - at < SHOWN ? size - at : SHOWN);
    leave(record);
}

static int
record_run(const struct srv_bridge *bridge)
{
    struct srv_flow flows[2]; /* on the stack, which no limit on data counts */
    struct record records[2] = { [IN] = { .mark = " < ", .program = bridge->program },
                                 [OUT] = { .mark = " > ",
                                           .program = bridge->program } };

    srv_flow_init(&flows[IN], STDIN_FILENO, bridge->to_program, srv_filter_none);
    srv_flow_init(&flows[OUT], bridge->from_program, STDOUT_FILENO, srv_filter_none);
    flows[IN].closes = true;
    for (size_t i = IN; i <= OUT; i++) {
        flows[i].on_piece = on_seen;
        flows[i].payload = &records[i];
    }
    return srv_flow_run(flows, 2, OUT) ? 0 : SRV_EXIT_TEMPORARY;
}

int
main(int argc, char **argv)
{
    return srv_bridge_main(&this, argc, argv, record_run);
}
