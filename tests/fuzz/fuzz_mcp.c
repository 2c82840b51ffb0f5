/*
 * Fuzz: what an agent may send. A text that begins with "a" is what a verb printed, for
 * each of the tools; else it is the lines of a connection, behind a beginning that is
 * good. Every request has one answer, and so has what is no message. Calls get no
 * process here (fork() is wrapped): what they would do is what other targets are for.
 */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mcp/job.h"
#include "rpc/framer.h"
#include "rpc/message.h"
#include "tests/fuzz/check.h"

static const char beginning[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"begin\",\"method\":\"initialize\",\"params\":{"
    "\"protocolVersion\":\"2025-06-18\",\"capabilities\":{}}}\n";

pid_t
__wrap_fork(void);

pid_t
__wrap_fork(void)
{
    errno = EAGAIN;
    return -1;
}

static int
run(void *payload, int count, char **words, struct pn_output *out,
    struct pn_output *err)
{
    (void)payload;
    (void)count;
    (void)words;
    (void)out;
    (void)err;
    return 0;
}

static char *
tests_of(void *payload, const char *name)
{
    (void)payload;
    (void)name;
    return NULL;
}

static const char *
text_of(void *payload, const char *name)
{
    (void)payload;
    return name[0] ? "a text" : NULL;
}

static bool
page(void *payload, size_t number, struct pn_mcp_page *out)
{
    (void)payload;
    *out = (struct pn_mcp_page){ "page", number ? "P202" : "P201", "text/markdown" };
    return number < 2;
}

static void
page_text(void *payload, size_t number, struct pn_buffer *out)
{
    (void)payload;
    (void)number;
    pn_buffer_add_text(out, "a page");
}

static const struct pn_mcp_host host = { NULL,    "1",  run,      tests_of,
                                         text_of, page, page_text };

/* A file in memory with a text, at its beginning. */
static int
file_of(struct pn_str text)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    CHECK(fd >= 0 && pn_write_all(fd, text.ptr, text.len));
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/* Counts the answers in a file: every line is a message. */
static size_t
answers_count(int fd)
{
    struct pn_framer framer = { .framing = PN_FRAMING_LINES, .limit = SIZE_MAX };
    off_t size = lseek(fd, 0, SEEK_END);
    char *bytes = malloc((size_t)size + 1);
    struct pn_message message;
    struct pn_str text;
    enum pn_frame frame;
    size_t count = 0;

    CHECK(bytes && pread(fd, bytes, (size_t)size, 0) == size);
    CHECK(pn_framer_add(&framer, bytes, (size_t)size));
    while ((frame = pn_framer_next(&framer, &text)) != PN_FRAME_NONE) {
        CHECK(frame == PN_FRAME_MESSAGE);
        pn_message_read(&message, text);
        CHECK(message.kind == PN_MESSAGE_RESPONSE);
        count++;
        pn_message_clear(&message);
    }
    pn_framer_clear(&framer);
    free(bytes);
    return count;
}

/* How many answers the lines of a connection want, and how many of these may have been
 * taken back. */
static size_t
wanted_count(struct pn_str lines, size_t *cancelled)
{
    struct pn_framer framer = { .framing = PN_FRAMING_LINES, .limit = SIZE_MAX };
    struct pn_message message;
    struct pn_str text;
    size_t count = 0;

    CHECK(pn_framer_add(&framer, lines.ptr, lines.len));
    while (pn_framer_next(&framer, &text) == PN_FRAME_MESSAGE) {
        pn_message_read(&message, text);
        count += message.kind == PN_MESSAGE_REQUEST || message.kind == PN_MESSAGE_BAD;
        *cancelled += message.kind == PN_MESSAGE_NOTIFICATION &&
                      strcmp(message.method, "notifications/cancelled") == 0;
        pn_message_clear(&message);
    }
    pn_framer_clear(&framer);
    return count;
}

static void
lines_check(struct pn_str lines)
{
    struct pn_buffer stream = { 0 };
    int in, out = file_of(PN_STR(""));
    size_t count, wanted, cancelled = 0;

    pn_buffer_add_text(&stream, beginning);
    pn_buffer_add_str(&stream, lines);
    pn_buffer_add_text(&stream, "\n");
    CHECK(!stream.failed);
    in = file_of(pn_str_of(&stream));
    CHECK(pn_mcp_serve(&host, in, out) == 0);
    count = answers_count(out);
    wanted = wanted_count(pn_str_of(&stream), &cancelled);
    CHECK(count <= wanted && wanted - count <= cancelled);
    close(in);
    close(out);
    pn_buffer_free(&stream);
}

static void
printed_check(struct pn_str text)
{
    for (size_t i = 0; i < pn_mcp_tool_count; i++)
        for (int status = 0; status < 3; status++) {
            const struct pn_mcp_job job = { .tool = &pn_mcp_tools[i], .limit = 2 };
            struct pn_mcp_printed by_verb = { .status = status };
            bool is_error;
            json_t *result;

            pn_buffer_add_str(&by_verb.out, text);
            pn_buffer_add_str(&by_verb.err, text);
            result = pn_mcp_result(pn_mcp_answer(&host, &job, &by_verb, &is_error),
                                   is_error);
            CHECK(result);
            json_decref(result);
            pn_buffer_free(&by_verb.out);
            pn_buffer_free(&by_verb.err);
        }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_str text = { (const char *)data, size };

    if (size && data[0] == 'a')
        printed_check(pn_str_from(text, 1));
    else
        lines_check(text);
    return 0;
}
