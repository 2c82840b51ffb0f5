/* compiler/compile, emit_classic and readback */
#include "tests/support/harness.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/compile.h"
#include "compiler/image.h"
#include "compiler/readback.h"
#include "runtime/format/container.h"
#include "runtime/format/record.h"

struct outcome {
    enum pn_compile_result result;
    struct pn_diags diags;
    int fd;
};

static struct outcome
compile(const char *text, const struct pn_compile_options *options)
{
    struct outcome outcome = { .diags = { .limit = PN_DIAGS_LIMIT },
                               .fd = pn_memory_file() };
    struct pn_source source;
    struct pn_reader reader;

    assert_true(
        pn_source_from_text(&source, "s", (struct pn_str){ text, strlen(text) }));
    pn_reader_begin_source(&reader, &source);
    outcome.result = pn_compile(&reader, outcome.fd, options, &outcome.diags);
    pn_reader_end(&reader);
    pn_source_clear(&source);
    return outcome;
}

static void
end(struct outcome *outcome)
{
    pn_diags_clear(&outcome->diags);
    close(outcome->fd);
}

static const struct {
    const char *text;
    enum pn_diag_id id;
    size_t line, column, size, total;
} refused[] = {
    { "10.:allow\n10.1.:alow\n", PN_DIAG_NO_VERDICT, 2, 1, 10, 1 },
    { "10.:allow ,A=\"\"\n", PN_DIAG_NO_COMMA, 1, 10, 6, 1 },
    { "10.:allow,A\n1:deny,B\n", PN_DIAG_NO_EQUALS_SIGN, 1, 10, 2, 2 },
    { "10.:allow,A=\n", PN_DIAG_NO_VALUE, 1, 13, 0, 1 },
    { "\n10.:allow,A=\"b\n", PN_DIAG_NO_END_QUOTE, 2, 13, 2, 1 },
    { "# x\n1-b:deny\n:no\n", PN_DIAG_BAD_RANGE, 2, 1, 3, 2 },
};

static void
faulty_lines_are_refused_with_their_place(void **state)
{
    static const struct pn_compile_options options = { 0 };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(refused); i++) {
        struct outcome outcome = compile(refused[i].text, &options);
        struct pn_diag *diag = outcome.diags.items;

        if (outcome.result != PN_COMPILE_REFUSED || diag->id != refused[i].id ||
            diag->at.line != refused[i].line || diag->at.column != refused[i].column ||
            diag->at.size != refused[i].size || outcome.diags.total != refused[i].total)
            fail_msg("%s: %s at %zu:%zu+%zu", refused[i].text,
                     pn_diag_info[diag->id].slug, diag->at.line, diag->at.column,
                     diag->at.size);
        end(&outcome);
    }
}

/* The limit of a cdb is 4 GiB; a smaller one shows that it is counted to the byte. */
static void
a_file_over_the_limit_is_refused_before_it_is_written(void **state)
{
    /* header, and for each record: head, key, value, two slots */
    const uint64_t exact = 2048 + 3 * (8 + 3 + 2 + 16);
    struct pn_compile_options options = { .size_limit = exact };
    struct outcome outcome = compile("1.2:deny\n1.3-4:deny\n", &options);

    (void)state;
    assert_int_equal(outcome.result, PN_COMPILE_REFUSED); /* a range counts 3 digits */
    end(&outcome);
    options.size_limit = exact + 4;
    outcome = compile("1.2:deny\n1.3-4:deny\n", &options);
    assert_int_equal(outcome.result, PN_COMPILE_OK);
    assert_int_equal(lseek(outcome.fd, 0, SEEK_END), exact);
    end(&outcome);
    options.size_limit = exact - 40;
    outcome = compile("1.2:deny\n1.3-4:deny\n", &options);
    assert_int_equal(outcome.result, PN_COMPILE_REFUSED);
    assert_int_equal(outcome.diags.items[0].id, PN_DIAG_TOO_LARGE);
    assert_int_equal(outcome.diags.items[0].at.line, 2);
    end(&outcome);
}

static void
origins_lead_from_records_to_rules(void **state)
{
    struct pn_origins origins = { 0 };
    struct pn_compile_options options = { .origins = &origins };
    struct outcome outcome = compile("1.2-3:deny\n:allow\n", &options);

    (void)state;
    assert_int_equal(outcome.result, PN_COMPILE_OK);
    assert_int_equal(origins.count, 3);
    assert_int_equal(origins.items[0].position, 2048);
    assert_int_equal(origins.items[1].offset, 0);
    assert_int_equal(origins.items[1].size, 5);
    assert_int_equal(origins.items[2].offset, 11);
    assert_int_equal(origins.items[2].size, 0);
    for (size_t i = 0; i < origins.count; i++)
        assert_ptr_equal(pn_origins_find(&origins, origins.items[i].position),
                         &origins.items[i]);
    assert_null(pn_origins_find(&origins, 2049));
    free(origins.items);
    end(&outcome);
}

static void
what_cannot_be_read_or_written_is_told_apart(void **state)
{
    static const struct pn_compile_options options = { 0 };
    struct pn_diags diags = { .limit = PN_DIAGS_LIMIT };
    struct pn_reader reader;
    struct pn_source source;
    int fd = pn_memory_file();

    (void)state;
    pn_reader_begin(&reader, "s", 1 << 20);
    assert_int_equal(pn_compile(&reader, fd, &options, &diags), PN_COMPILE_READ);
    assert_int_equal(errno, EBADF);
    pn_reader_end(&reader);
    close(fd);
    assert_true(pn_source_from_text(&source, "s", PN_STR(":deny\n")));
    pn_reader_begin_source(&reader, &source);
    assert_int_equal(pn_compile(&reader, 1 << 20, &options, &diags), PN_COMPILE_WRITE);
    assert_int_equal(errno, EBADF);
    pn_reader_end(&reader);
    pn_source_clear(&source);
    pn_diags_clear(&diags);
}

/* The digest of the image's records, through the decoder. */
static uint64_t
digest_of(const unsigned char *image, size_t size, uint32_t *records_end)
{
    struct pn_container container;
    uint32_t position = PN_CDB_HEADER_SIZE;
    struct pn_record record;
    uint64_t digest = 0;

    assert_true(pn_container_open(&container, image, size));
    while (pn_container_next(&container, &position, &record))
        digest = pn_record_digest(digest, record.key, record.key_size, record.value,
                                  record.value_size);
    *records_end = container.records_end;
    return digest;
}

static void
read_back_sees_every_flipped_byte_of_the_records(void **state)
{
    static const struct pn_compile_options options = { 0 };
    struct outcome outcome = compile(
        "10.1-9.:allow,RELAYCLIENT=\"\",LONGER=\"0123456789\"\n:deny\n", &options);
    unsigned char image[8192];
    ssize_t size = pread(outcome.fd, image, sizeof(image), 0);
    uint32_t records_end;
    uint64_t digest;

    (void)state;
    assert_true(size > PN_CDB_HEADER_SIZE && size < (ssize_t)sizeof(image));
    digest = digest_of(image, (size_t)size, &records_end);
    assert_true(pn_readback(outcome.fd, 10, digest));
    assert_false(pn_readback(outcome.fd, 9, digest));
    for (uint32_t at = PN_CDB_HEADER_SIZE; at < records_end; at++) {
        unsigned char flipped = image[at] ^ 0x10;

        assert_int_equal(pwrite(outcome.fd, &flipped, 1, at), 1);
        assert_false(pn_readback(outcome.fd, 10, digest));
        assert_int_equal(pwrite(outcome.fd, &image[at], 1, at), 1);
    }
    assert_true(pn_readback(outcome.fd, 10, digest));
    assert_int_equal(ftruncate(outcome.fd, size - 1), 0);
    assert_false(pn_readback(outcome.fd, 10, digest));
    end(&outcome);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faulty_lines_are_refused_with_their_place),
        cmocka_unit_test(a_file_over_the_limit_is_refused_before_it_is_written),
        cmocka_unit_test(origins_lead_from_records_to_rules),
        cmocka_unit_test(what_cannot_be_read_or_written_is_told_apart),
        cmocka_unit_test(read_back_sees_every_flipped_byte_of_the_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
