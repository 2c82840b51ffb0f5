/*
 * Fuzz: what an editor may send, to the language server. Of a text that begins with "f"
 * the rest is the stream itself, with its headers; else it is bodies of messages with a
 * NUL between them, behind a beginning that is good. Every request has one answer, and
 * so has what is no message; and pieces are framed as the whole is.
 */
#define _GNU_SOURCE /* memfd_create */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "lsp/host.h"
#include "rpc/framer.h"
#include "rpc/message.h"
#include "tests/fuzz/check.h"

enum { MESSAGE_MAX = 1 << 20 };

static const char beginning[] =
    "{\"jsonrpc\":\"2.0\",\"id\":\"begin\",\"method\":\"initialize\",\"params\":{"
    "\"rootUri\":\"file:///nonexistent\",\"capabilities\":{\"textDocument\":{"
    "\"hover\":{\"contentFormat\":[\"markdown\"]},\"publishDiagnostics\":{"
    "\"relatedInformation\":true,\"codeDescriptionSupport\":true,\"tagSupport\":{},"
    "\"versionSupport\":true}},\"window\":{\"workDoneProgress\":true}}}}";

static bool all[PN_CHECK_NONE];

static char *
root_of(void *payload, const char *path)
{
    (void)payload;
    return pn_strdup(path);
}

static bool
settings(void *payload, const char *root, struct pn_lsp_settings *out)
{
    static const char *const privileged[] = { "RELAYCLIENT", NULL };

    (void)payload;
    (void)root;
    for (int c = 0; c < PN_CHECK_NONE; c++)
        all[c] = true;
    *out = (struct pn_lsp_settings){
        .options = { .privileged = privileged, .today = 20261201 }, .on = all
    };
    return true;
}

static struct pn_str
page(void *payload, const char *name)
{
    (void)payload;
    return pn_str_of_text(name[0] == 'P' ? "a page" : "");
}

static char *
page_path(void *payload, const char *name)
{
    (void)payload;
    return pn_strdup(name);
}

/* What is answered to a stream. */
static struct pn_buffer
serve(struct pn_str text)
{
    const struct pn_lsp_host host = { NULL, "1",  root_of,  settings,
                                      NULL, page, page_path };
    struct pn_buffer answers = { 0 };
    int out = memfd_create("answers", MFD_CLOEXEC);
    off_t size;

    CHECK(out >= 0);
    (void)pn_lsp_serve_text(&host, text, out);
    size = lseek(out, 0, SEEK_END);
    CHECK(size >= 0 && pn_buffer_reserve(&answers, (size_t)size + 1));
    CHECK(pread(out, answers.bytes, (size_t)size, 0) == size);
    answers.size = (size_t)size;
    close(out);
    return answers;
}

/* The frames of a stream, given in pieces of a size, one behind another. */
static struct pn_buffer
frames_of(struct pn_str text, enum pn_framing framing, size_t piece)
{
    struct pn_framer framer = { .framing = framing, .limit = MESSAGE_MAX };
    struct pn_buffer frames = { 0 };
    struct pn_str frame;

    for (size_t at = 0; at < text.len; at += piece) {
        size_t size = text.len - at < piece ? text.len - at : piece;
        enum pn_frame kind;

        CHECK(pn_framer_add(&framer, text.ptr + at, size));
        while ((kind = pn_framer_next(&framer, &frame)) != PN_FRAME_NONE) {
            pn_buffer_add_format(&frames, "%d ", kind);
            if (kind == PN_FRAME_MESSAGE)
                pn_buffer_add_str(&frames, frame);
        }
    }
    pn_framer_clear(&framer);
    CHECK(!frames.failed);
    return frames;
}

static void
pieces_check(struct pn_str text, enum pn_framing framing)
{
    struct pn_buffer whole = frames_of(text, framing, text.len + 1);
    struct pn_buffer pieces = frames_of(text, framing, 3);

    CHECK(whole.size == pieces.size);
    CHECK(!whole.size || memcmp(whole.bytes, pieces.bytes, whole.size) == 0);
    pn_buffer_free(&whole);
    pn_buffer_free(&pieces);
}

/* Counts the answers: every one of them is a message, and so is all else that is said.
 */
static size_t
answers_count(const struct pn_buffer *answers)
{
    struct pn_framer framer = { .framing = PN_FRAMING_HEADERS, .limit = SIZE_MAX };
    struct pn_message message;
    struct pn_str text;
    enum pn_frame frame;
    size_t count = 0;

    CHECK(pn_framer_add(&framer, answers->bytes, answers->size));
    while ((frame = pn_framer_next(&framer, &text)) != PN_FRAME_NONE) {
        CHECK(frame == PN_FRAME_MESSAGE);
        pn_message_read(&message, text);
        count += message.kind == PN_MESSAGE_RESPONSE;
        CHECK(message.kind != PN_MESSAGE_BAD);
        pn_message_clear(&message);
    }
    pn_framer_clear(&framer);
    return count;
}

/* Adds a body with its header; does it want an answer? `ends` when it is the last. */
static bool
body_add(struct pn_buffer *stream, struct pn_str body, bool *ends)
{
    struct pn_message message;
    bool wants;

    pn_message_read(&message, body);
    wants = message.kind == PN_MESSAGE_REQUEST || message.kind == PN_MESSAGE_BAD;
    *ends =
        message.kind == PN_MESSAGE_NOTIFICATION && strcmp(message.method, "exit") == 0;
    pn_message_clear(&message);
    pn_buffer_add_format(stream, "Content-Length: %zu\r\n\r\n", body.len);
    pn_buffer_add_str(stream, body);
    return wants;
}

static void
bodies_check(struct pn_str bodies)
{
    struct pn_buffer stream = { 0 }, answers;
    bool ends = false;
    size_t wanted = body_add(&stream, pn_str_of_text(beginning), &ends);

    while (bodies.ptr && !ends)
        wanted += body_add(&stream, pn_str_cut(&bodies, '\0'), &ends);
    CHECK(!stream.failed);
    answers = serve(pn_str_of(&stream));
    CHECK(answers_count(&answers) == wanted);
    pn_buffer_free(&answers);
    pn_buffer_free(&stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pn_str text = { (const char *)data, size };
    struct pn_buffer answers;

    pieces_check(text, PN_FRAMING_HEADERS);
    pieces_check(text, PN_FRAMING_LINES);
    if (size && data[0] == 'f') {
        answers = serve(pn_str_from(text, 1));
        (void)answers_count(&answers);
        pn_buffer_free(&answers);
    } else if (size)
        bodies_check(text);
    return 0;
}
