/* server/counting and counts/: rows that are found again, buckets, and what is no file
 */
#include "tests/support/harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "counts/counts_read.h"
#include "server/counting.h"

static char *
new_name(void)
{
    char name[] = "/tmp/test_counting.XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    close(fd);
    return strdup(name);
}

/* The bounds of buckets, one after the other, and each duration between two of them. */
static void
a_duration_is_in_the_bucket_whose_bounds_it_is_between(void **state)
{
    uint64_t below = 0;

    (void)state;
    for (size_t i = 0; i < PN_COUNTS_BUCKETS; i++) {
        uint64_t bound = pn_counts_bucket_bound(i);

        assert_true(bound > below);
        assert_int_equal(pn_counts_bucket(below), i);
        if (bound != UINT64_MAX)
            assert_int_equal(pn_counts_bucket(bound - 1), i);
        below = bound;
    }
    assert_int_equal(pn_counts_bucket_bound(0), 64);
    assert_int_equal(pn_counts_bucket(UINT64_MAX), PN_COUNTS_BUCKETS - 1);
    assert_int_equal(pn_counts_bucket_bound(PN_COUNTS_BUCKETS - 2), UINT64_C(1) << 36);
}

static void
close_all(struct srv_counting *counting)
{
    /* a server never does: its process ends */
    munmap(counting->header, counting->size);
    close(counting->fd);
    free(counting->index);
}

/* Random identities, over growth and another start, beside a plain table. */
static void
each_identity_has_one_row_however_many_there_are(void **state)
{
    enum { IDENTITIES = 700, HITS = 20000 };
    static uint64_t wanted[IDENTITIES];
    char *name = new_name();
    struct pn_counts seen;
    const char *reason;

    (void)state;
    srand(3);
    for (int start = 0; start < 3; start++) {
        struct srv_counting counting;

        assert_true(srv_counting_open(&counting, name, "rules", NULL, &reason));
        for (int i = 0; i < HITS; i++) {
            size_t n = (size_t)rand() % (i < HITS / 2 ? IDENTITIES / 10 : IDENTITIES);

            srv_counting_hit(&counting, n * UINT64_C(0x123456789ab) + 1,
                             n % 3 == 0   ? SRV_COUNTED
                             : n % 3 == 1 ? SRV_COUNTED_LIMITED
                                          : SRV_COUNTED_RATED);
            wanted[n]++;
        }
        assert_int_equal(counting.header->uncounted, 0);
        close_all(&counting);
    }
    assert_null(pn_counts_read(name, &seen));
    assert_int_equal(seen.header.used, IDENTITIES);
    for (uint64_t i = 0; i < seen.header.used; i++) {
        const struct pn_counts_row *row = &seen.rows[i];
        size_t n = (size_t)((row->identity - 1) / UINT64_C(0x123456789ab));

        assert_int_equal(row->rule.hits, wanted[n]);
        assert_int_equal(row->rule.limited, n % 3 == 1 ? wanted[n] : 0);
        assert_int_equal(row->rule.rated, n % 3 == 2 ? wanted[n] : 0);
        assert_int_equal(row->sequence % 2, 0);
    }
    pn_counts_clear(&seen);
    unlink(name);
    free(name);
}

static void
totals_go_on_from_one_start_to_the_next(void **state)
{
    char *name = new_name();
    const uint64_t totals[PN_COUNTS_TOTALS] = { 7, 4, 2, 1, 0, 0 };
    const char *reason;
    struct pn_counts seen;

    (void)state;
    for (int start = 0; start < 3; start++) {
        struct srv_counting counting;

        assert_true(srv_counting_open(&counting, name, NULL, NULL, &reason));
        srv_counting_totals(&counting, totals);
        srv_counting_totals(&counting, totals); /* as many as before: they are sums */
        close_all(&counting);
    }
    assert_null(pn_counts_read(name, &seen));
    for (size_t i = 0; i < PN_COUNTS_TOTALS; i++)
        assert_int_equal(seen.header.totals[i], 3 * totals[i]);
    pn_counts_clear(&seen);
    unlink(name);
    free(name);
}

/* What a server opens, a reader reads, and the reverse, of any change to a file. */
static void
no_damage_is_read_beyond_its_end(void **state)
{
    char *name = new_name();
    struct srv_counting counting;
    const char *reason;
    uint8_t good[PN_COUNTS_HEADER + 200 * 64];
    ssize_t size;
    int fd;

    (void)state;
    assert_true(srv_counting_open(&counting, name, "rules", "shadow", &reason));
    for (uint64_t i = 2; i < 10; i++)
        srv_counting_hit(&counting, i, SRV_COUNTED);
    close_all(&counting);
    fd = open(name, O_RDWR | O_CLOEXEC);
    size = pread(fd, good, sizeof(good), 0);
    assert_true(size > PN_COUNTS_HEADER);
    for (ssize_t at = 0; at < size;
         at += at < 2200 || at >= PN_COUNTS_HEADER ? 1 : 97) {
        const uint8_t changed = (uint8_t)(good[at] ^ (1 + at % 255));
        struct pn_counts seen;

        assert_int_equal(pwrite(fd, &changed, 1, at), 1);
        if (!pn_counts_read(name, &seen))
            for (uint64_t i = 0; i < seen.header.used; i++)
                assert_true(seen.rows[i].kind == PN_COUNTS_RULE ||
                            seen.rows[i].kind == PN_COUNTS_PAIR);
        else
            assert_true(at < 2104 || at >= PN_COUNTS_HEADER); /* counts are any */
        pn_counts_clear(&seen);
        assert_int_equal(pwrite(fd, &good[at], 1, at), 1);
    }
    for (off_t cut = size - 1; cut >= 0; cut -= 61) {
        struct pn_counts seen;
        const char *fault;

        assert_int_equal(ftruncate(fd, cut), 0);
        fault = pn_counts_read(name, &seen);
        assert_true(fault || cut >= PN_COUNTS_HEADER + 8 * 64);
        pn_counts_clear(&seen);
        if (fault && cut) /* an empty one is new */
            assert_false(srv_counting_open(&counting, name, NULL, NULL, &reason));
    }
    close(fd);
    unlink(name);
    free(name);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_is_in_the_bucket_whose_bounds_it_is_between),
        cmocka_unit_test(each_identity_has_one_row_however_many_there_are),
        cmocka_unit_test(totals_go_on_from_one_start_to_the_next),
        cmocka_unit_test(no_damage_is_read_beyond_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
