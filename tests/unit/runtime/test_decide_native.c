/* runtime/native and format/native: damage, versions, foreign readers */
#include "tests/support/harness.h"

#include <cdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "compiler/image.h"
#include "runtime/format/native.h"

#define SMALL                                                                 \
    "postern: 1\n10.1.0.0/16, 2001:db8::/32 : allow, A=\"b\", C=\"d\"\n"      \
    "joe@10.1.2.3, joe@=h.x : deny\n=.x, =h.y : allow\n10.1.2.0/24 : block\n" \
    "=bad.x : block\n\"\"@* : allow\n* : deny\n"                              \
    "10.3.0.0/16 : allow, limit 2, limit 9 per /24,/48, limit 70 per /8,/32\n"

struct image {
    unsigned char *bytes;
    size_t size;
};

static struct image
image_of(const char *text, size_t size)
{
    struct image image;
    int fd = pn_memory_file();

    pn_test_compile(text, size, fd);
    image.size = (size_t)lseek(fd, 0, SEEK_END);
    image.bytes = malloc(image.size);
    assert_int_equal(pread(fd, image.bytes, image.size, 0), image.size);
    close(fd);
    return image;
}

static const struct {
    const char *address, *host, *ident;
} asked[] = {
    { "10.1.9.9", NULL, NULL },   { "10.1.2.3", "bad.x", "joe" },
    { "10.1.9.9", "h.x", "joe" }, { "9.9.9.9", "a.b.x", NULL },
    { "9.9.9.9", "bad.x", "" },   { "2001:db8::7", "h.y", "" },
    { "2001:db9::7", NULL, "j" }, { "no address", NULL, NULL },
    { "10.3.2.1", NULL, NULL },
};

/* Verdict and step of every question, one character each; '!' for an error. */
static void
answers(const struct postern_rules *rules, char *out)
{
    for (size_t i = 0; i < PN_COUNT_OF(asked); i++) {
        struct postern_query query = POSTERN_QUERY_INIT;
        struct postern_decision d = POSTERN_DECISION_INIT;
        struct postern_origin origin = POSTERN_ORIGIN_INIT;
        struct postern_env env;

        query.remote_text =
            (struct postern_str){ asked[i].address, strlen(asked[i].address) };
        if (asked[i].host)
            query.host = (struct postern_str){ asked[i].host, strlen(asked[i].host) };
        if (asked[i].ident)
            query.ident =
                (struct postern_str){ asked[i].ident, strlen(asked[i].ident) };
        out[i] = '!';
        if (postern_rules_decide(rules, &query, &d) != POSTERN_OK)
            continue;
        out[i] = (char)('a' + 2 * d.step + d.verdict);
        while (postern_env_next(&d.env, &env))
            assert_true(strlen(env.assignment) >= env.name.len);
        assert_true(pn_test_limits_are_sound(&d));
        if (d.rule != POSTERN_RULE_NONE)
            (void)postern_rules_origin(rules, d.rule, &origin);
    }
    out[PN_COUNT_OF(asked)] = '\0';
}

static void
every_corrupted_byte_is_an_error_or_changes_no_answer(void **state)
{
    static const unsigned char masks[] = { 0x01, 0x80, 0xff };
    struct image image = image_of(SMALL, sizeof(SMALL) - 1);
    char want[32], got[32];
    struct postern_rules *rules;

    (void)state;
    assert_int_equal(
        postern_rules_open_memory(image.bytes, image.size, POSTERN_OPEN_CHECK, &rules),
        POSTERN_OK);
    answers(rules, want);
    assert_string_equal(want, "haejanmoh");
    postern_rules_close(rules);
    for (size_t at = 0; at < image.size; at++) {
        for (size_t m = 0; m < PN_COUNT_OF(masks); m++) {
            image.bytes[at] ^= masks[m];
            if (postern_rules_open_memory(image.bytes, image.size, 0, &rules) ==
                POSTERN_OK) {
                answers(rules, got); /* anything, but it ends and stays inside */
                postern_rules_close(rules);
            }
            if (postern_rules_open_memory(image.bytes, image.size, POSTERN_OPEN_CHECK,
                                          &rules) == POSTERN_OK) {
                answers(rules, got);
                if (strcmp(got, want) != 0)
                    fail_msg("byte %zu: %s for %s", at, got, want);
                postern_rules_close(rules);
            }
            image.bytes[at] ^= masks[m];
        }
    }
    free(image.bytes);
}

static void
every_truncation_is_an_error(void **state)
{
    struct image image = image_of(SMALL, sizeof(SMALL) - 1);

    (void)state;
    for (size_t size = 0; size < image.size; size++) {
        unsigned char *cut = malloc(size ? size : 1);
        struct postern_rules *rules;
        char got[32];

        memcpy(cut, image.bytes, size);
        assert_int_not_equal(
            postern_rules_open_memory(cut, size, POSTERN_OPEN_CHECK, &rules),
            POSTERN_OK);
        if (postern_rules_open_memory(cut, size, 0, &rules) == POSTERN_OK) {
            answers(rules, got);
            postern_rules_close(rules);
        }
        free(cut);
    }
    free(image.bytes);
}

/* Several bytes at once: no crash, no loop, and no wrong answer that a check passes. */
static void
corrupt_at_random(struct image image, int rounds, int checked)
{
    enum { BYTES = 4 };
    struct postern_rules *rules;
    char want[32], got[32];
    uint32_t random = 1;

    assert_int_equal(
        postern_rules_open_memory(image.bytes, image.size, POSTERN_OPEN_CHECK, &rules),
        POSTERN_OK);
    answers(rules, want);
    postern_rules_close(rules);
    for (int round = 0; round < rounds; round++) {
        size_t at[BYTES];
        unsigned char was[BYTES];

        for (int i = 0; i < BYTES; i++) {
            random = random * 1664525u + 1013904223u;
            at[i] = PN_CDB_HEADER_SIZE + random % (image.size - PN_CDB_HEADER_SIZE);
            was[i] = image.bytes[at[i]];
            image.bytes[at[i]] = (unsigned char)(random >> 24);
        }
        if (postern_rules_open_memory(image.bytes, image.size, 0, &rules) ==
            POSTERN_OK) {
            answers(rules, got);
            postern_rules_close(rules);
        }
        if (round % checked == 0 &&
            postern_rules_open_memory(image.bytes, image.size, POSTERN_OPEN_CHECK,
                                      &rules) == POSTERN_OK) {
            answers(rules, got);
            assert_string_equal(got, want);
            postern_rules_close(rules);
        }
        for (int i = BYTES; i-- > 0;)
            image.bytes[at[i]] = was[i];
    }
}

static void
random_corruptions_of_larger_images_are_survived(void **state)
{
    struct pn_buffer text = { 0 };
    struct image image;

    (void)state;
    pn_buffer_add_text(&text, "postern: 1\n* : deny\n");
    for (unsigned i = 0; i < 600; i++)
        pn_buffer_add_format(&text,
                             "10.%u.%u.0/24, 2001:db8:%x::/48 : allow\n"
                             "j%u@10.%u. : deny\n",
                             i % 7, i % 251, i, i % 5, i % 11);
    image = image_of(text.bytes, text.size);
    corrupt_at_random(image, 1000000, 200);
    free(image.bytes);
    text.size = 0; /* and one whose index is compact */
    pn_buffer_add_text(&text, "postern: 1\n* : deny\nset l = {\n");
    for (unsigned i = 0; i < 40000; i++)
        pn_buffer_add_format(&text, "10.%u.%u.%u/31\n", i >> 10, i >> 2 & 255,
                             i % 4 * 64);
    pn_buffer_add_text(&text, "}\n$l : allow\n");
    image = image_of(text.bytes, text.size);
    corrupt_at_random(image, 100000, 10000);
    free(image.bytes);
    pn_buffer_free(&text);
}

/* A list of /30, one in each `spacing` addresses from 1.0.0.0 on. */
static struct postern_rules *
spaced_list(uint32_t count, uint32_t spacing)
{
    struct pn_buffer text = { 0 };
    struct postern_rules *rules;

    pn_buffer_add_text(&text, "postern: 1\n* : allow\nset l = {\n");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t start = 0x01000000 + i * spacing + i % 8 * 4;

        pn_buffer_add_format(&text, "%u.%u.%u.%u/30\n2001:%x:%x::/48\n", start >> 24,
                             start >> 16 & 255, start >> 8 & 255, start & 255, i >> 12,
                             i << 3 & 0xffff);
    }
    pn_buffer_add_text(&text, "}\n$l : deny\n");
    rules = pn_test_rules(text.bytes, text.size);
    pn_buffer_free(&text);
    return rules;
}

static uint8_t
verdict_of(const struct postern_rules *rules, const struct postern_addr *addr)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    struct postern_decision d = POSTERN_DECISION_INIT;

    query.remote = *addr;
    assert_int_equal(postern_rules_decide(rules, &query, &d), POSTERN_OK);
    return d.verdict;
}

/* Long runs and short ones, ordinary indexes and compact ones, at each edge of a piece.
 */
static void
large_indexes_answer_as_the_list_says(void **state)
{
    static const struct {
        uint32_t count, spacing;
    } lists[] = { { 1000, 64 }, { 1000, 4000000 }, { 40000, 64 }, { 40000, 100000 } };

    (void)state;
    for (size_t n = 0; n < PN_COUNT_OF(lists); n++) {
        struct postern_rules *rules = spaced_list(lists[n].count, lists[n].spacing);

        for (uint32_t i = 0; i < lists[n].count; i++)
            for (uint32_t offset = 0; offset < 40; offset++) {
                uint32_t at = 0x01000000 + i * lists[n].spacing + offset;
                struct postern_addr addr = { 4,
                                             { (uint8_t)(at >> 24), (uint8_t)(at >> 16),
                                               (uint8_t)(at >> 8), (uint8_t)at } };
                bool listed = offset / 4 == i % 8;

                if (verdict_of(rules, &addr) != !listed)
                    fail_msg("list %zu, %08x: listed %d", n, at, listed);
            }
        for (uint32_t i = 0; i < lists[n].count; i++)
            for (unsigned below = 0; below < 2; below++) {
                struct postern_addr addr = { 6, { 0x20, 0x01 } };

                addr.bytes[2] = (uint8_t)(i >> 20);
                addr.bytes[3] = (uint8_t)(i >> 12);
                addr.bytes[4] = (uint8_t)(i >> 5);
                addr.bytes[5] = (uint8_t)((i << 3) + below);
                addr.bytes[15] = 7;
                if (verdict_of(rules, &addr) != below)
                    fail_msg("list %zu, IPv6 number %u, %u", n, i, below);
            }
        postern_rules_close(rules);
    }
}

static void
a_classic_reader_finds_one_key_and_it_denies(void **state)
{
    struct image image = image_of(SMALL, sizeof(SMALL) - 1);
    int fd = pn_test_file(image.bytes, image.size);
    unsigned position, visible = 0;
    struct cdb cdb;

    (void)state;
    assert_int_equal(cdb_init(&cdb, fd), 0);
    cdb_seqinit(&position, &cdb);
    while (cdb_seqnext(&position, &cdb) > 0) {
        const char *key = cdb_getkey(&cdb);

        if (cdb_keylen(&cdb) && key[0] == '\0')
            continue; /* no look-up of a classic reader begins with a NUL */
        visible++;
        assert_int_equal(cdb_keylen(&cdb), 0);
        assert_int_equal(cdb_datalen(&cdb), 2);
        assert_memory_equal(cdb_getdata(&cdb), "D", 2);
    }
    assert_int_equal(visible, 1);
    cdb_free(&cdb);
    close(fd);
    free(image.bytes);
}

static void
a_newer_major_version_is_told(void **state)
{
    struct image image = image_of(SMALL, sizeof(SMALL) - 1);
    size_t value = PN_CDB_HEADER_SIZE + PN_CDB_RECORD_HEAD + PN_NATIVE_KEY_SIZE;
    struct postern_rules *rules;

    (void)state;
    assert_int_equal(value % 64, 0);
    pn_native_put(image.bytes + value + 4 * PN_HEADER_VERSION, (PN_NATIVE_MAJOR + 1u)
                                                                   << 16);
    assert_int_equal(postern_rules_open_memory(image.bytes, image.size, 0, &rules),
                     POSTERN_E_VERSION);
    free(image.bytes);
}

/* Sets bits of what an image requires; a text with a NUL at each end is its names. */
static void
require(struct image *image, uint32_t bits, const char *names, size_t size)
{
    size_t value = PN_CDB_HEADER_SIZE + PN_CDB_RECORD_HEAD + PN_NATIVE_KEY_SIZE;
    unsigned char *header = image->bytes + value;

    pn_native_put(header + 4 * PN_HEADER_REQUIRES, bits);
    pn_native_put(header + 4 * PN_HEADER_FEATURES_AT, (uint32_t)(image->size - value));
    pn_native_put(header + 4 * PN_HEADER_FEATURES_SIZE, (uint32_t)size);
    image->bytes = realloc(image->bytes, image->size + size);
    memcpy(image->bytes + image->size, names, size);
    image->size += size;
}

static void
a_feature_that_is_not_known_is_told_by_name(void **state)
{
    static const struct {
        uint32_t bits;
        const char *names;
        size_t size;
        const char *told;
    } cases[] = {
        { 8, "tides", 6, "tides" },
        { 31, "keys\0limits\0penalties\0tides\0pay\033ments", 38, "tides, payments" },
        { 8 | 16, "tides\0cut off", 13, "tides" },
        { UINT32_C(1) << 31, "", 0, "" },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        char path[] = "/tmp/newer-XXXXXX", told[64];
        struct image image = image_of(SMALL, sizeof(SMALL) - 1);
        struct postern_rules *rules;
        int fd = mkstemp(path);

        require(&image, cases[i].bits, cases[i].names, cases[i].size);
        assert_int_equal(postern_rules_open_memory(image.bytes, image.size, 0, &rules),
                         POSTERN_E_VERSION);
        assert_int_equal(write(fd, image.bytes, image.size), image.size);
        assert_int_equal(postern_rules_lacking(path, told, sizeof(told)),
                         strlen(cases[i].told));
        assert_string_equal(told, cases[i].told);
        assert_int_equal(postern_rules_lacking(path, told, 4),
                         strlen(cases[i].told) < 3 ? strlen(cases[i].told) : 3);
        close(fd);
        unlink(path);
        free(image.bytes);
    }
}

/* The identity of rule `rule` of a text, compiled under a name, perhaps stripped. */
static uint64_t
identity(const char *text, uint32_t rule)
{
    struct postern_rules *rules = pn_test_rules(text, strlen(text));
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    assert_int_equal(postern_rules_origin(rules, rule, &origin), POSTERN_OK);
    postern_rules_close(rules);
    return origin.identity;
}

static void
a_rule_is_itself_whatever_stands_around_it(void **state)
{
    static const struct {
        const char *left, *right; /* of the first rule */
        bool same;
    } cases[] = {
        { "10.1.0.0/16 : allow", "10.1. : allow, A=\"b\", limit 3, limit 9 per /8",
          true },
        { "10.1.0.0/16 : allow", "10.1.0.0/16 : deny", false },
        { "10.1.0.0/16 : allow", "10.1.0.0/17 : allow", false },
        { "10.1.0.0/16 : deny", "10.1.0.0/16 : block", false },
        { "2001:db8::1 : allow", "2001:DB8:0:0::1 : allow, B=\"\"", true },
        { "2001:db8::/32, =h.X : allow", "2001:db8::/32,   =H.x : allow", true },
        { "joe@1.2.3.4 : allow", "\"joe\"@1.2.3.4 : allow", true },
        { "joe@1.2.3.4 : allow", "1.2.3.4 : allow", false },
        { "10.0.0.0/8 except 10.1. : allow", "10.0.0.0/8 except 10.1.0.0/16 : allow",
          true },
        { "10.0.0.0/8 except 10.1. : allow", "10.0.0.0/8, 10.1.0.0/16 : allow", false },
        { "1.2.3.4-1.2.3.9 : allow", "1.2.3.4-1.2.3.10 : allow", false },
    };
    char left[256], right[256];

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        snprintf(left, sizeof(left), "postern: 1\n%s\n* : deny\n", cases[i].left);
        snprintf(right, sizeof(right), "postern: 1\n9.9.9.9 : deny\n%s\n* : deny\n",
                 cases[i].right);
        if ((identity(left, 0) == identity(right, 1)) != cases[i].same)
            fail_msg("%s | %s", cases[i].left, cases[i].right);
        assert_int_equal(identity(left, 1), identity(right, 2));
    }
}

/* Rules that say the same are told apart by their number, and only by that. */
static void
equal_rules_are_told_apart(void **state)
{
    static const char text[] = "postern: 1\n1.2.3.4 : allow\n5.6.7.8 : allow\n"
                               "1.2.3.4 : allow, limit 2\n* : deny\n";
    static const char less[] = "postern: 1\n1.2.3.4 : allow, limit 2\n* : deny\n";

    (void)state;
    assert_int_not_equal(identity(text, 0), identity(text, 2));
    assert_int_equal(identity(text, 0), identity(less, 0));
}

static void
the_same_source_gives_the_same_bytes(void **state)
{
    struct image first = image_of(SMALL, sizeof(SMALL) - 1);

    (void)state;
    for (int i = 0; i < 20; i++) {
        void *shuffled = malloc((size_t)i * 1000 + 1); /* other addresses each time */
        struct image again = image_of(SMALL, sizeof(SMALL) - 1);

        assert_int_equal(again.size, first.size);
        assert_memory_equal(again.bytes, first.bytes, first.size);
        free(again.bytes);
        free(shuffled);
    }
    free(first.bytes);
}

static void
a_native_file_tells_where_its_rules_come_from(void **state)
{
    struct postern_rules *rules = pn_test_rules(SMALL, sizeof(SMALL) - 1);
    struct postern_decision d = pn_test_decide(rules, "10.1.9.9", NULL, NULL);
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    struct postern_info info = POSTERN_INFO_INIT;
    struct postern_env env;

    (void)state;
    assert_int_equal(postern_rules_origin(rules, d.rule, &origin), POSTERN_OK);
    assert_int_equal(origin.line, 2);
    assert_memory_equal(origin.file.ptr, "test", 4);
    assert_int_equal(origin.file.len, 4);
    assert_memory_equal(origin.target.ptr, "10.1.0.0/16, 2001:db8::/32",
                        origin.target.len);
    assert_true(postern_env_next(&d.env, &env));
    assert_string_equal(env.assignment, "A=b");
    assert_int_equal(postern_rules_origin(rules, 99, &origin), POSTERN_E_ARG);
    assert_int_equal(postern_rules_info(rules, &info), POSTERN_OK);
    assert_int_equal(info.format, POSTERN_FORMAT_NATIVE);
    assert_int_equal(info.records, 8);
    postern_rules_close(rules);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_corrupted_byte_is_an_error_or_changes_no_answer),
        cmocka_unit_test(every_truncation_is_an_error),
        cmocka_unit_test(random_corruptions_of_larger_images_are_survived),
        cmocka_unit_test(large_indexes_answer_as_the_list_says),
        cmocka_unit_test(a_classic_reader_finds_one_key_and_it_denies),
        cmocka_unit_test(a_newer_major_version_is_told),
        cmocka_unit_test(a_feature_that_is_not_known_is_told_by_name),
        cmocka_unit_test(a_rule_is_itself_whatever_stands_around_it),
        cmocka_unit_test(equal_rules_are_told_apart),
        cmocka_unit_test(the_same_source_gives_the_same_bytes),
        cmocka_unit_test(a_native_file_tells_where_its_rules_come_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
