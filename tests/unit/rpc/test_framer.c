/* rpc/framer */
#include "tests/support/harness.h"

#include "rpc/framer.h"

enum { LIMIT = 40 };

/* A stream, and what comes of it: messages in order, "!" for a fault of headers, "+"
 * for what is too long. */
static const struct {
    enum pn_framing framing;
    const char *stream, *frames;
} streams[] = {
    { PN_FRAMING_HEADERS, "Content-Length: 3\r\n\r\nabc", "abc|" },
    { PN_FRAMING_HEADERS, "Content-Length: 0\r\n\r\nContent-Length:1\r\n\r\nx", "|x|" },
    { PN_FRAMING_HEADERS, "content-length:  2 \nContent-Type: text/plain\n\nhi",
      "hi|" },
    { PN_FRAMING_HEADERS, "Content-Length: 3\r\n\r\nab", "" },
    { PN_FRAMING_HEADERS, "{\"a\": 1}\nContent-Length: 1\r\n\r\ny", "!y|" },
    { PN_FRAMING_HEADERS, "Length: 1\r\n\r\nabc\nContent-Length: 1\r\n\r\ny", "!y|" },
    { PN_FRAMING_HEADERS, "Content-Length: -1\r\n\r\nContent-Length: 1\r\n\r\ny",
      "!y|" },
    { PN_FRAMING_HEADERS,
      "Content-Length: 99999999999999999999999\n\n"
      "Content-Length: 1\n\ny",
      "!y|" },
    { PN_FRAMING_HEADERS,
      "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"
      "\nContent-Length: 1\n\ny",
      "!y|" },
    { PN_FRAMING_HEADERS,
      "Content-Length: 41\r\n\r\n"
      "01234567890123456789012345678901234567890"
      "Content-Length: 1\r\n\r\ny",
      "+y|" },
    { PN_FRAMING_LINES, "abc\n\r\nde\r\n", "abc|de|" },
    { PN_FRAMING_LINES, "01234567890123456789012345678901234567890\nx\n", "+x|" },
    { PN_FRAMING_LINES, "abc", "" },
};

static void
frames_take(struct pn_framer *framer, struct pn_buffer *out)
{
    struct pn_str message;
    enum pn_frame frame;

    while ((frame = pn_framer_next(framer, &message)) != PN_FRAME_NONE) {
        if (frame == PN_FRAME_MESSAGE)
            pn_buffer_add_str(out, message);
        pn_buffer_add_text(out, frame == PN_FRAME_MESSAGE      ? "|"
                                : frame == PN_FRAME_BAD_HEADER ? "!"
                                                               : "+");
    }
}

static void
a_stream_is_cut_the_same_in_whatever_pieces_it_comes(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(streams); i++)
        for (size_t step = 1; step <= 64; step *= 4) {
            struct pn_framer framer = { .framing = streams[i].framing, .limit = LIMIT };
            struct pn_str rest = pn_str_of_text(streams[i].stream);
            struct pn_buffer frames = { 0 };

            while (rest.len) {
                size_t size = rest.len < step ? rest.len : step;

                assert_true(pn_framer_add(&framer, rest.ptr, size));
                frames_take(&framer, &frames);
                rest = pn_str_from(rest, size);
            }
            pn_buffer_add(&frames, "", 1);
            if (strcmp(frames.bytes, streams[i].frames) != 0)
                fail_msg("stream %zu by %zu: %s", i, step, frames.bytes);
            pn_buffer_free(&frames);
            pn_framer_clear(&framer);
        }
}

static void
headers_without_end_are_one_fault_and_take_no_memory(void **state)
{
    struct pn_framer framer = { .limit = LIMIT };
    struct pn_buffer frames = { 0 };
    static const char line[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    (void)state;
    for (size_t i = 0; i < 100000; i++) {
        assert_true(pn_framer_add(&framer, line, sizeof(line) - 1));
        frames_take(&framer, &frames);
    }
    assert_int_equal(frames.size, 1);
    assert_true(framer.held.capacity < 1 << 16);
    pn_buffer_free(&frames);
    pn_framer_clear(&framer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_cut_the_same_in_whatever_pieces_it_comes),
        cmocka_unit_test(headers_without_end_are_one_fault_and_take_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
