/* base/source and base/reader */
#include "tests/support/harness.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/source.h"

static const struct {
    uint32_t offset;
    size_t line, column, line_size;
} places[] = {
    { 0, 1, 1, 3 }, { 2, 1, 3, 3 }, { 3, 1, 4, 3 },   { 4, 2, 1, 0 },
    { 5, 3, 1, 2 }, { 7, 3, 3, 2 }, { 999, 3, 3, 2 },
};

static void
positions_are_the_same_with_and_without_an_index(void **state)
{
    struct pn_source source;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR("abc\n\nde")));
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < PN_COUNT_OF(places); i++) {
            struct pn_position at = pn_source_position(&source, places[i].offset);

            if (at.line != places[i].line || at.column != places[i].column ||
                at.whole_line.size != places[i].line_size)
                fail_msg("offset %u: line %zu column %zu", places[i].offset, at.line,
                         at.column);
        }
        assert_true(pn_source_index(&source));
    }
    pn_source_clear(&source);
}

static void
a_source_longer_than_the_limit_is_refused(void **state)
{
    struct pn_source source;
    int fd = pn_test_file("12345", 5);

    (void)state;
    assert_false(pn_source_read(&source, "s", fd, 4));
    assert_int_equal(errno, EFBIG);
    assert_true(pn_source_read(&source, "s", fd, 5));
    assert_int_equal(source.size, 5);
    assert_string_equal(source.text, "12345");
    pn_source_clear(&source);
    close(fd);
}

static void
a_failed_read_says_why(void **state)
{
    struct pn_source source;
    struct pn_reader reader;

    (void)state;
    assert_false(pn_source_read(&source, "s", -1, 100));
    assert_int_equal(errno, EBADF);
    pn_reader_begin(&reader, "s", 1 << 20);
    assert_false(pn_reader_next(&reader));
    assert_int_equal(reader.error, EBADF);
    assert_false(pn_reader_next(&reader));
    pn_reader_end(&reader);
}

/* Lines of all lengths around the size of a piece, put together again. */
static void
pieces_are_whole_lines_that_make_the_text(void **state)
{
    static const size_t tails[] = { 0, 1, 5 };
    size_t size = 0, capacity = 4u << 20;
    char *text = malloc(capacity);

    (void)state;
    for (size_t i = 0; size + 140000 < capacity; i++) {
        size_t len = i % 7 == 6 ? 65530 + i % 12 : i * 37 % 3000;

        memset(text + size, 'a' + (int)(i % 26), len);
        text[size + len] = '\n';
        size += len + 1;
    }
    for (size_t t = 0; t < PN_COUNT_OF(tails); t++) {
        size_t at = 0, lines = 0, whole = size - tails[t];
        int fd = pn_test_file(text, whole);
        struct pn_reader reader;

        pn_reader_begin(&reader, "s", fd);
        while (pn_reader_next(&reader)) {
            const struct pn_source *piece = &reader.piece;

            assert_true(piece->size <= whole - at);
            assert_memory_equal(piece->text, text + at, piece->size);
            assert_int_equal(piece->text[piece->size], 0);
            assert_int_equal(piece->lines_before, lines);
            for (size_t i = 0; i < piece->size; i++)
                lines += piece->text[i] == '\n';
            at += piece->size;
            assert_true(piece->text[piece->size - 1] == '\n' || at == whole);
        }
        assert_int_equal(reader.error, 0);
        assert_int_equal(at, whole);
        pn_reader_end(&reader);
        close(fd);
    }
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_are_the_same_with_and_without_an_index),
        cmocka_unit_test(a_source_longer_than_the_limit_is_refused),
        cmocka_unit_test(a_failed_read_says_why),
        cmocka_unit_test(pieces_are_whole_lines_that_make_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
