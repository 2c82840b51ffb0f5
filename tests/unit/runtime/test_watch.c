/* runtime/watch: replacement, also while threads decide */
#include "tests/support/harness.h"
#include "tests/support/live_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/output.h"

static const char *const path = pn_live_path;

static int
verdict(struct postern_watch *watch)
{
    const struct postern_rules *rules;
    int answer;

    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_OK);
    answer = pn_test_decide(rules, "1.2.3.4", NULL, NULL).verdict;
    postern_watch_release(watch, rules);
    return answer;
}

static void
pause_ms(long ms)
{
    struct timespec pause = { .tv_nsec = ms * 1000000L };

    nanosleep(&pause, NULL);
}

static void
a_replaced_file_decides_at_once(void **state)
{
    struct postern_watch *watch;

    (void)state;
    pn_live_replace(":allow\n");
    assert_int_equal(postern_watch_open(path, POSTERN_OPEN_COPY, &watch), POSTERN_OK);
    for (int i = 0; i < 50; i++) {
        pn_live_replace(i % 2 ? ":allow\n" : ":deny\n");
        assert_int_equal(verdict(watch), i % 2 ? POSTERN_ALLOW : POSTERN_DENY);
    }
    postern_watch_close(watch);
}

static void
rules_that_are_held_outlive_their_file(void **state)
{
    const struct postern_rules *old, *new;
    struct postern_watch *watch;

    (void)state;
    pn_live_replace(":allow\n");
    assert_int_equal(postern_watch_open(path, 0, &watch), POSTERN_OK);
    assert_int_equal(postern_watch_acquire(watch, &old), POSTERN_OK);
    pn_live_replace(":deny\n");
    assert_int_equal(postern_watch_acquire(watch, &new), POSTERN_OK);
    assert_ptr_not_equal(old, new);
    assert_int_equal(pn_test_decide(old, "1.2.3.4", NULL, NULL).verdict, POSTERN_ALLOW);
    assert_int_equal(pn_test_decide(new, "1.2.3.4", NULL, NULL).verdict, POSTERN_DENY);
    postern_watch_release(watch, old);
    postern_watch_release(watch, new);
    postern_watch_close(watch);
}

static void
a_missing_or_damaged_file_denies_until_it_is_whole_again(void **state)
{
    const struct postern_rules *rules;
    struct postern_watch *watch;
    int fd;

    (void)state;
    unlink(path);
    assert_int_equal(postern_watch_open(path, POSTERN_OPEN_COPY, &watch), POSTERN_OK);
    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_E_IO);
    assert_int_equal(errno, ENOENT);
    pn_live_replace(":deny\n");
    assert_int_equal(verdict(watch), POSTERN_DENY);
    fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(pn_write_all(fd, "half", 4));
    close(fd);
    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_E_FORMAT);
    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_E_FORMAT);
    assert_int_equal(postern_watch_reload(watch), POSTERN_E_FORMAT);
    pn_live_install(":allow\n");
    assert_int_equal(verdict(watch), POSTERN_ALLOW);
    unlink(path);
    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_E_IO);
    postern_watch_close(watch);
    assert_int_equal(postern_watch_open(path, 64, &watch), POSTERN_E_ARG);
    postern_watch_close(NULL);
}

static void
changed_tells_when_the_next_acquire_reads(void **state)
{
    const struct postern_rules *rules;
    struct postern_watch *watch;

    (void)state;
    unlink(path);
    assert_int_equal(postern_watch_open(path, POSTERN_OPEN_COPY, &watch), POSTERN_OK);
    assert_false(postern_watch_changed(watch)); /* still not there */
    pn_live_replace(":allow\n");
    assert_true(postern_watch_changed(watch));
    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_OK);
    postern_watch_release(watch, rules);
    while (postern_watch_due_ms(watch) >= 0) { /* it was young when it was read */
        pause_ms((long)postern_watch_due_ms(watch) + 1);
        assert_true(postern_watch_changed(watch));
        assert_int_equal(verdict(watch), POSTERN_ALLOW);
    }
    assert_false(postern_watch_changed(watch));
    unlink(path);
    assert_true(postern_watch_changed(watch));
    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_E_IO);
    assert_false(postern_watch_changed(watch));
    postern_watch_close(watch);
}

/* What a look finds as it was is kept; only a look that finds it so is the last. */
static void
a_file_that_was_young_is_compared_until_it_is_old(void **state)
{
    const struct postern_rules *first, *second;
    struct postern_watch *watch;
    int64_t due_ms;
    int looks = 0;

    (void)state;
    pn_live_replace(":allow\n");
    assert_int_equal(postern_watch_open(path, POSTERN_OPEN_COPY, &watch), POSTERN_OK);
    assert_int_equal(postern_watch_acquire(watch, &first), POSTERN_OK);
    while ((due_ms = postern_watch_due_ms(watch)) >= 0) {
        pause_ms((long)due_ms + 1);
        looks += postern_watch_changed(watch);
        assert_int_equal(postern_watch_acquire(watch, &second), POSTERN_OK);
        assert_ptr_equal(first, second); /* compared, and not read into memory */
        postern_watch_release(watch, second);
    }
    assert_in_range(looks, 1, 10); /* one, but for a clock that shows a round time */
    assert_false(postern_watch_changed(watch));
    postern_watch_release(watch, first);
    postern_watch_close(watch);
}

/* Mapped, or of no use: there is nothing to compare with, so it is read again. */
static void
what_cannot_be_compared_is_read_again(void **state)
{
    const struct postern_rules *first, *second;
    struct postern_watch *watch;

    (void)state;
    pn_live_replace(":allow\n");
    assert_int_equal(postern_watch_open(path, 0, &watch), POSTERN_OK);
    assert_int_equal(postern_watch_acquire(watch, &first), POSTERN_OK);
    if (postern_watch_due_ms(watch) >= 0) {
        pause_ms((long)postern_watch_due_ms(watch) + 1);
        assert_int_equal(postern_watch_acquire(watch, &second), POSTERN_OK);
        assert_ptr_not_equal(first, second);
        postern_watch_release(watch, second);
    }
    postern_watch_release(watch, first);
    postern_watch_close(watch);
}

struct shared {
    struct postern_watch *watch;
    atomic_bool stop;
    atomic_int decided;
};

/* Until then the last answer stands, so that a server can tell its clients. */
static void
after_a_shortage_it_is_read_again_in_a_while(void **state)
{
    const struct postern_rules *rules;
    struct postern_watch *watch;
    struct rlimit before, none;

    (void)state;
    pn_live_replace(":allow\n");
    assert_int_equal(postern_watch_open(path, POSTERN_OPEN_COPY, &watch), POSTERN_OK);
    pn_live_replace(":deny\n");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int i = 0; i < 4; i++) {
        assert_true(postern_watch_changed(watch));
        assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_E_IO);
        assert_int_equal(errno, EMFILE);
        assert_false(postern_watch_changed(watch));
        assert_in_range(postern_watch_due_ms(watch), 1, 20 << i);
        pause_ms(20 << i);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(verdict(watch), POSTERN_DENY);
    postern_watch_close(watch);
}

static void *
decide_until_told(void *payload)
{
    struct shared *shared = payload;

    while (!atomic_load(&shared->stop)) {
        const struct postern_rules *rules;
        struct postern_query query = POSTERN_QUERY_INIT;
        struct postern_decision d = POSTERN_DECISION_INIT;

        if (postern_watch_acquire(shared->watch, &rules) != POSTERN_OK)
            return "acquire failed";
        query.remote_text = POSTERN_STR("1.2.3.4");
        query.host = POSTERN_STR("a.b");
        if (postern_rules_decide(rules, &query, &d) != POSTERN_OK)
            return "decide failed";
        postern_watch_release(shared->watch, rules);
        atomic_fetch_add(&shared->decided, 1);
    }
    return NULL;
}

static void
threads_decide_while_the_file_is_replaced(void **state)
{
    enum { THREADS = 4, SWAPS = 200, DECISIONS = 2000 };
    struct shared shared = { .watch = NULL };
    pthread_t threads[THREADS];

    (void)state;
    pn_live_replace(":allow\n");
    assert_int_equal(postern_watch_open(path, POSTERN_OPEN_COPY, &shared.watch),
                     POSTERN_OK);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, decide_until_told, &shared),
                         0);
    for (int i = 0; i < SWAPS; i++)
        pn_live_replace(i % 2 ? "=.b:deny\n" : "1.2.:allow,A=\"b\"\n");
    while (atomic_load(&shared.decided) < DECISIONS)
        pause_ms(1);
    atomic_store(&shared.stop, true);
    for (int i = 0; i < THREADS; i++) {
        void *problem;

        assert_int_equal(pthread_join(threads[i], &problem), 0);
        if (problem)
            fail_msg("%s", (const char *)problem);
    }
    postern_watch_close(shared.watch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_replaced_file_decides_at_once),
        cmocka_unit_test(rules_that_are_held_outlive_their_file),
        cmocka_unit_test(a_missing_or_damaged_file_denies_until_it_is_whole_again),
        cmocka_unit_test(changed_tells_when_the_next_acquire_reads),
        cmocka_unit_test(a_file_that_was_young_is_compared_until_it_is_old),
        cmocka_unit_test(what_cannot_be_compared_is_read_again),
        cmocka_unit_test(after_a_shortage_it_is_read_again_in_a_while),
        cmocka_unit_test(threads_decide_while_the_file_is_replaced),
    };

    return cmocka_run_group_tests(tests, pn_live_setup, pn_live_teardown);
}
