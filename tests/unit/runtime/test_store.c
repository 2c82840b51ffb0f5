/* runtime/store, format/container and format/record: opening, and hostile images */
#include "tests/support/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compiler/image.h"
#include "runtime/format/container.h"
#include "runtime/format/record.h"

#define RULES                                                                 \
    "10.1-3.:allow,RELAYCLIENT=\"\"\njoe@10.1.2.3:deny\n=.example.org:deny\n" \
    "2001:db8::allow,A=\"b\"\n:deny\n"

struct image {
    unsigned char *bytes;
    size_t size;
};

static struct image
image_of(const char *text)
{
    struct image image;
    int fd = pn_memory_file();

    pn_test_compile(text, strlen(text), fd);
    image.size = (size_t)lseek(fd, 0, SEEK_END);
    image.bytes = malloc(image.size);
    assert_int_equal(pread(fd, image.bytes, image.size, 0), image.size);
    close(fd);
    return image;
}

/* Asks everything of an image that may be damaged. Any status will do, a crash will
 * not. */
static void
use(const void *bytes, size_t size, uint32_t flags)
{
    static const char *const hosts[] = { NULL, "a.example.org", "" };
    static const char *const addresses[] = { "10.1.2.3", "10.9.9.9", "2001:db8::1",
                                             "" };
    struct postern_rules *rules;

    if (postern_rules_open_memory(bytes, size, flags, &rules) != POSTERN_OK)
        return;
    for (size_t i = 0; i < PN_COUNT_OF(hosts) * PN_COUNT_OF(addresses); i++) {
        struct postern_query query = POSTERN_QUERY_INIT;
        struct postern_decision d = POSTERN_DECISION_INIT;
        struct postern_origin origin = POSTERN_ORIGIN_INIT;
        const char *host = hosts[i % PN_COUNT_OF(hosts)];
        const char *address = addresses[i / PN_COUNT_OF(hosts)];
        struct postern_env env;

        query.remote_text = (struct postern_str){ address, strlen(address) };
        query.host = (struct postern_str){ host, host ? strlen(host) : 0 };
        query.ident = POSTERN_STR("joe");
        if (postern_rules_decide(rules, &query, &d) != POSTERN_OK)
            continue;
        while (postern_env_next(&d.env, &env))
            assert_int_equal(env.assignment[strlen(env.assignment)], 0);
        if (d.rule != POSTERN_RULE_NONE)
            assert_int_equal(postern_rules_origin(rules, d.rule, &origin), POSTERN_OK);
    }
    postern_rules_close(rules);
}

static void
every_flipped_bit_gives_an_error_or_an_answer(void **state)
{
    struct image image = image_of(RULES);

    (void)state;
    for (size_t bit = 0; bit < image.size * 8; bit++) {
        image.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        use(image.bytes, image.size, 0);
        image.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(image.bytes);
}

/* Copied to memory of just that size, so that a read beyond it is seen. */
static void
every_truncation_gives_an_error_or_an_answer(void **state)
{
    struct image image = image_of(RULES);

    (void)state;
    for (size_t size = 0; size < image.size; size++) {
        unsigned char *cut = malloc(size ? size : 1);
        struct postern_rules *rules;

        memcpy(cut, image.bytes, size);
        use(cut, size, 0);
        assert_int_equal(
            postern_rules_open_memory(cut, size, POSTERN_OPEN_CHECK, &rules),
            POSTERN_E_FORMAT);
        free(cut);
    }
    free(image.bytes);
}

static void
a_full_check_finds_damage_that_a_quick_one_leaves(void **state)
{
    struct image image = image_of(RULES);
    struct postern_rules *rules;
    size_t missed = 0;

    (void)state;
    for (size_t at = 0; at < image.size; at++) {
        unsigned char byte = image.bytes[at];

        image.bytes[at] ^= 0xff;
        if (postern_rules_open_memory(image.bytes, image.size, POSTERN_OPEN_CHECK,
                                      &rules) == POSTERN_OK) {
            postern_rules_close(rules);
            missed++;
        }
        image.bytes[at] = byte;
    }
    /* a classic cdb has no checksum: bytes of values, and positions of empty tables
       and slots, may be anything */
    assert_true(missed < image.size);
    image.bytes[PN_CDB_HEADER_SIZE] ^= 0xff;
    assert_int_equal(postern_rules_open_memory(image.bytes, image.size, 0, &rules),
                     POSTERN_OK);
    postern_rules_close(rules);
    assert_int_equal(
        postern_rules_open_memory(image.bytes, image.size, POSTERN_OPEN_CHECK, &rules),
        POSTERN_E_FORMAT);
    free(image.bytes);
}

static void
count_event(void *payload, const struct postern_trace_event *event)
{
    (void)event;
    ++*(int *)payload;
}

/* Opens, then leads slots and tables astray: found when they are met, and not told of.
 */
static void
damage_behind_a_good_header_fails_the_decision_that_meets_it(void **state)
{
    struct image image = image_of("1.2.3.4:deny\n");
    size_t slot = image.size - 16, header = 2048;
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_rules *rules;
    int events = 0;

    (void)state;
    if (!image.bytes[slot] && !image.bytes[slot + 1]) /* the record is in the second */
        slot += 8;
    query.remote_text = POSTERN_STR("1.2.3.4");
    assert_int_equal(postern_rules_open_memory(image.bytes, image.size, 0, &rules),
                     POSTERN_OK);
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    image.bytes[slot + 7] = 0xff; /* beyond the records */
    assert_int_equal(postern_rules_trace(rules, &query, count_event, &events, &d),
                     POSTERN_E_FORMAT);
    assert_int_equal(events, 0);
    image.bytes[slot + 7] = 0;
    for (size_t at = 0; at < header; at += 8)
        if (image.bytes[at + 4])
            image.bytes[at + 7] = 0xff; /* more slots than the file holds */
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_E_FORMAT);
    postern_rules_close(rules);
    free(image.bytes);
}

/* A table without an empty slot ends a search all the same. */
static void
a_full_table_is_searched_once_around(void **state)
{
    struct image image = image_of("1.2.3.4:deny\n");
    size_t slot = image.size - 16;
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_rules *rules;
    bool second = !image.bytes[slot] && !image.bytes[slot + 1];

    (void)state;
    memcpy(image.bytes + slot + (second ? 0 : 8), image.bytes + slot + (second ? 8 : 0),
           8);
    image.bytes[PN_CDB_HEADER_SIZE + 8] = '9'; /* the key is another one now */
    query.remote_text = POSTERN_STR("1.2.3.4");
    assert_int_equal(postern_rules_open_memory(image.bytes, image.size, 0, &rules),
                     POSTERN_OK);
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    assert_int_equal(d.step, POSTERN_STEP_NONE);
    postern_rules_close(rules);
    free(image.bytes);
}

static void
every_way_of_opening_answers_alike(void **state)
{
    struct image image = image_of(RULES);
    int fd = pn_test_file(image.bytes, image.size);
    char path[64];
    int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);

    (void)state;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    for (uint32_t flags = 0; flags < 4; flags++) {
        struct postern_rules *rules[4];

        assert_int_equal(postern_rules_open(path, flags, &rules[0]), POSTERN_OK);
        assert_int_equal(
            postern_rules_open_at(folder, strrchr(path, '/') + 1, flags, &rules[1]),
            POSTERN_OK);
        assert_int_equal(postern_rules_open_fd(fd, flags, &rules[2]), POSTERN_OK);
        assert_int_equal(
            postern_rules_open_memory(image.bytes, image.size, flags, &rules[3]),
            POSTERN_OK);
        for (size_t i = 0; i < PN_COUNT_OF(rules); i++) {
            struct postern_info info = POSTERN_INFO_INIT;
            struct postern_str bytes = postern_rules_image(rules[i]);

            assert_int_equal(bytes.len, image.size);
            assert_memory_equal(bytes.ptr, image.bytes, image.size);
            assert_int_equal(pn_test_decide(rules[i], "10.2.0.1", NULL, NULL).verdict,
                             POSTERN_ALLOW);
            assert_int_equal(postern_rules_info(rules[i], &info), POSTERN_OK);
            assert_int_equal(info.size, image.size);
            assert_int_equal(info.records, 7);
            assert_int_equal(info.format, POSTERN_FORMAT_CLASSIC);
            postern_rules_close(rules[i]);
        }
    }
    close(folder);
    close(fd);
    free(image.bytes);
}

static void
a_copy_outlives_its_file_and_its_memory(void **state)
{
    struct image image = image_of(RULES);
    int fd = pn_test_file(image.bytes, image.size);
    struct postern_rules *from_file, *from_memory;

    (void)state;
    assert_int_equal(postern_rules_open_fd(fd, POSTERN_OPEN_COPY, &from_file),
                     POSTERN_OK);
    assert_int_equal(postern_rules_open_memory(image.bytes, image.size,
                                               POSTERN_OPEN_COPY, &from_memory),
                     POSTERN_OK);
    assert_int_equal(ftruncate(fd, 0), 0);
    close(fd);
    memset(image.bytes, 0xee, image.size);
    free(image.bytes);
    assert_int_equal(pn_test_decide(from_file, "10.2.0.1", NULL, NULL).verdict,
                     POSTERN_ALLOW);
    assert_int_equal(pn_test_decide(from_memory, "10.2.0.1", NULL, NULL).verdict,
                     POSTERN_ALLOW);
    postern_rules_close(from_file);
    postern_rules_close(from_memory);
}

static void
what_is_no_cdb_is_refused(void **state)
{
    char path[] = "/tmp/postern-test-XXXXXX", fifo[64];
    struct postern_rules *rules = NULL;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(postern_rules_open(path, 0, &rules), POSTERN_E_FORMAT);
    assert_int_equal(postern_rules_open("/", 0, &rules), POSTERN_E_FORMAT);
    assert_int_equal(postern_rules_open("/dev/zero", 0, &rules), POSTERN_E_FORMAT);
    assert_int_equal(postern_rules_open("/no/such/file", 0, &rules), POSTERN_E_IO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(postern_rules_open(path, 4, &rules), POSTERN_E_ARG);
    assert_int_equal(postern_rules_open_fd(-1, 0, &rules), POSTERN_E_IO);
    assert_int_equal(postern_rules_open_memory(NULL, 5000, 0, &rules), POSTERN_E_ARG);
    snprintf(fifo, sizeof(fifo), "%s.fifo", path);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(postern_rules_open(fifo, 0, &rules), POSTERN_E_FORMAT);
    /* over 4 GiB, and sparse: only its size is looked at */
    assert_int_equal(ftruncate(fd, (off_t)5 << 30), 0);
    assert_int_equal(postern_rules_open(path, 0, &rules), POSTERN_E_FORMAT);
    assert_null(rules);
    postern_rules_close(NULL);
    unlink(fifo);
    unlink(path);
    close(fd);
}

static void
a_checked_classic_image_tells_what_it_needs(void **state)
{
    static const struct {
        const char *text;
        uint32_t needs;
    } rows[] = {
        { "10.:deny\n2001:db8::1:deny\n:allow\n", 0 },
        { "=a.example:deny\n", POSTERN_NEEDS_HOST },
        { "=.example:deny\n", POSTERN_NEEDS_HOST },
        { "=:deny\n", POSTERN_NEEDS_HOST },
        { "joe@10.1.2.3:deny\n", POSTERN_NEEDS_IDENT },
        { "joe@=a.example:deny\n", POSTERN_NEEDS_HOST | POSTERN_NEEDS_IDENT },
    };
    const struct postern_addr addr = { 4, { 10, 1, 2, 3 } };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct postern_rules *rules = pn_test_rules(rows[i].text, strlen(rows[i].text));
        struct postern_info info = POSTERN_INFO_INIT;
        uint32_t needs = 99;

        assert_int_equal(postern_rules_info(rules, &info), POSTERN_OK);
        assert_int_equal(postern_rules_needs(rules, &addr, &needs), POSTERN_OK);
        if (info.needs != rows[i].needs || needs != rows[i].needs)
            fail_msg("%s: %u, %u", rows[i].text, (unsigned)info.needs, (unsigned)needs);
        postern_rules_close(rules);
    }
}

static void
an_empty_image_holds_nothing_and_answers(void **state)
{
    struct image image = image_of("# nothing\n");
    struct postern_rules *rules;

    (void)state;
    assert_int_equal(image.size, PN_CDB_HEADER_SIZE);
    assert_int_equal(
        postern_rules_open_memory(image.bytes, image.size, POSTERN_OPEN_CHECK, &rules),
        POSTERN_OK);
    assert_int_equal(pn_test_decide(rules, "1.2.3.4", "h", "i").step,
                     POSTERN_STEP_NONE);
    postern_rules_close(rules);
    free(image.bytes);
}

static void
a_value_without_its_last_nul_has_no_last_item(void **state)
{
    static const uint8_t value[] = { '+', 'A', '=', '1', 0, 'D' };
    const uint8_t *at = value;
    struct pn_item item;

    (void)state;
    assert_true(pn_record_next(&at, value + sizeof(value), &item));
    assert_int_equal(item.size, 4);
    assert_false(pn_record_denies(item));
    assert_false(pn_record_next(&at, value + sizeof(value), &item));
}

static void
digests_tell_records_apart(void **state)
{
    uint64_t base = pn_record_digest(0, "key", 3, "value", 5);

    (void)state;
    assert_int_not_equal(base, pn_record_digest(0, "keyv", 4, "alue", 4));
    assert_int_not_equal(base, pn_record_digest(0, "kez", 3, "value", 5));
    assert_int_not_equal(base, pn_record_digest(1, "key", 3, "value", 5));
    assert_int_not_equal(pn_record_digest(0, "\0", 1, "", 0),
                         pn_record_digest(0, "", 0, "", 0));
    assert_int_equal(base, pn_record_digest(0, "key", 3, "value", 5));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_gives_an_error_or_an_answer),
        cmocka_unit_test(every_truncation_gives_an_error_or_an_answer),
        cmocka_unit_test(a_full_check_finds_damage_that_a_quick_one_leaves),
        cmocka_unit_test(damage_behind_a_good_header_fails_the_decision_that_meets_it),
        cmocka_unit_test(a_full_table_is_searched_once_around),
        cmocka_unit_test(every_way_of_opening_answers_alike),
        cmocka_unit_test(a_copy_outlives_its_file_and_its_memory),
        cmocka_unit_test(what_is_no_cdb_is_refused),
        cmocka_unit_test(a_checked_classic_image_tells_what_it_needs),
        cmocka_unit_test(an_empty_image_holds_nothing_and_answers),
        cmocka_unit_test(a_value_without_its_last_nul_has_no_last_item),
        cmocka_unit_test(digests_tell_records_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
