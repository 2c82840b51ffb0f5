/* Our reader of a cdb against tinycdb's: the same records for the same keys. */
#include "tests/support/harness.h"

#include <cdb.h>
#include <unistd.h>

#include "compiler/image.h"
#include "runtime/format/container.h"

enum { ROUNDS = 200, KEYS = 300 };

static uint32_t state = 1;

static unsigned
pick(unsigned count)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % count;
}

/* Short keys over few letters: many are equal, and many share a table. */
static size_t
make_key(char *key)
{
    size_t len = pick(5);

    for (size_t i = 0; i < len; i++)
        key[i] = (char)("ab.\0"[pick(4)]);
    return len;
}

static int
make_image(void)
{
    int fd = pn_memory_file();
    struct cdb_make make;
    unsigned count = pick(KEYS);

    assert_int_equal(cdb_make_start(&make, fd), 0);
    for (unsigned i = 0; i < count; i++) {
        char key[8];
        size_t len = make_key(key);

        assert_int_equal(cdb_make_add(&make, key, (unsigned)len, &i, sizeof(i)), 0);
    }
    assert_int_equal(cdb_make_finish(&make), 0);
    return fd;
}

static void
every_key_is_found_where_tinycdb_finds_it(void **unused)
{
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        int fd = make_image();
        struct pn_container container;
        struct cdb cdb;

        assert_int_equal(cdb_init(&cdb, fd), 0);
        assert_true(pn_container_open(&container, cdb.cdb_mem, cdb.cdb_fsize));
        assert_true(pn_container_check(&container));
        for (int i = 0; i < KEYS; i++) {
            char key[8];
            size_t len = make_key(key);
            int want = cdb_find(&cdb, key, (unsigned)len);
            struct pn_record record;
            uint32_t hash = pn_container_hash(key, len);

            assert_int_equal(hash, cdb_hash(key, (unsigned)len));
            assert_int_equal(pn_container_find(&container, key, len, hash, &record),
                             want);
            if (want)
                assert_int_equal(record.value - container.bytes, cdb_datapos(&cdb));
        }
        cdb_free(&cdb);
        close(fd);
    }
}

static void
a_hash_can_be_taken_back_byte_by_byte(void **unused)
{
    static const char key[] = "2001:db8::\xff\x80\x7f";
    uint32_t hash = pn_container_hash(key, sizeof(key));

    (void)unused;
    for (size_t len = sizeof(key); len > 0; len--) {
        assert_int_equal(hash, pn_container_hash(key, len));
        hash = pn_container_unhash(hash, key[len - 1]);
    }
    assert_int_equal(hash, PN_CDB_HASH_START);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_found_where_tinycdb_finds_it),
        cmocka_unit_test(a_hash_can_be_taken_back_byte_by_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
