/*
 * Rules that are overwritten twice within one step of the file system's clock: inode,
 * size and times are the same, only the content differs. The linker redirects stat(2)
 * and fstat(2) here (--wrap), where times are rounded down to the step.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/rules.h"
#include "tests/support/harness.h"
#include "tests/support/live_rules.h"

/* <sys/stat.h> names them so where files may be large. */
int
__real_stat64(const char *path, struct stat *out);
int
__real_fstat64(int fd, struct stat *out);
int
__wrap_stat64(const char *path, struct stat *out);
int
__wrap_fstat64(int fd, struct stat *out);

static long step_ns;
static size_t rounds = 1000;

static int
cut(int result, struct stat *out)
{
    if (result == 0) {
        out->st_mtim.tv_nsec -= out->st_mtim.tv_nsec % step_ns;
        out->st_ctim.tv_nsec -= out->st_ctim.tv_nsec % step_ns;
    }
    return result;
}

int
__wrap_stat64(const char *path, struct stat *out)
{
    return cut(__real_stat64(path, out), out);
}

int
__wrap_fstat64(int fd, struct stat *out)
{
    return cut(__real_fstat64(fd, out), out);
}

static const char *const texts[] = { ":allow,G=\"0\"\n", ":allow,G=\"1\"\n",
                                     ":allow,G=\"2\"\n" };

/* Which of the texts it is. */
static int
generation_of(const struct postern_rules *rules)
{
    struct postern_decision decision = pn_test_decide(rules, "1.2.3.4", NULL, NULL);
    struct postern_env env;

    assert_true(postern_env_next(&decision.env, &env));
    return env.value.ptr[0] - '0';
}

static void
pause_ms(int64_t ms)
{
    const struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };

    nanosleep(&pause, NULL);
}

/* Steps of clocks, and how many of the rounds each is worth. */
static const struct {
    long step_ns;
    size_t part;
} clocks[] = {
    { 4000000, 2 }, { 10000000, 2 }, { 100000000, 50 }, { 1000000000, 300 }
};

static int
watched(struct postern_watch *watch)
{
    const struct postern_rules *rules;
    int answer;

    assert_int_equal(postern_watch_acquire(watch, &rules), POSTERN_OK);
    answer = generation_of(rules);
    postern_watch_release(watch, rules);
    return answer;
}

/* Until no look is due any more. */
static int
watched_in_the_end(struct postern_watch *watch)
{
    int64_t due_ms;

    while ((due_ms = postern_watch_due_ms(watch)) >= 0) {
        pause_ms(due_ms);
        (void)watched(watch);
    }
    return watched(watch);
}

static void
the_library_ends_with_the_last_of_them(void **state)
{
    struct postern_watch *watch;

    (void)state;
    pn_live_install(texts[0]);
    assert_int_equal(postern_watch_open(pn_live_path, POSTERN_OPEN_COPY, &watch),
                     POSTERN_OK);
    for (size_t clock = 0; clock < PN_COUNT_OF(clocks); clock++) {
        step_ns = clocks[clock].step_ns;
        for (size_t i = 0; i <= rounds / clocks[clock].part; i++) {
            pn_live_install(texts[0]);
            (void)watched(watch);
            pause_ms(rand() % 4);
            pn_live_install(texts[1]);
            if (rand() % 4)
                (void)watched(watch);
            pn_live_install(texts[2]);
            if (watched_in_the_end(watch) != 2)
                fail_msg("stale with a clock of %ld ns, round %zu", step_ns, i);
        }
    }
    postern_watch_close(watch);
}

static void
so_does_a_server(void **state)
{
    struct srv_rules rules = { .path = NULL };
    int64_t next_ms;

    (void)state;
    pn_live_install(texts[0]);
    assert_true(srv_rules_init(&rules, pn_live_path, srv_now_ms()));
    for (size_t clock = 0; clock < PN_COUNT_OF(clocks); clock++) {
        step_ns = clocks[clock].step_ns;
        for (size_t i = 0; i <= rounds / clocks[clock].part; i++) {
            for (size_t text = 0; text < PN_COUNT_OF(texts); text++) {
                pn_live_install(texts[text]);
                (void)srv_rules_check(&rules, srv_now_ms(), 0, &next_ms);
                pause_ms(text ? 0 : rand() % 60);
            }
            while (srv_rules_check(&rules, srv_now_ms(), 0, &next_ms), next_ms)
                if (next_ms > srv_now_ms())
                    pause_ms(next_ms - srv_now_ms());
            if (generation_of(rules.in_force) != 2)
                fail_msg("stale with a clock of %ld ns, round %zu", step_ns, i);
        }
    }
    srv_rules_clear(&rules);
}

/*
 * Most of the time is spent waiting, so several rounds run at once, each with its own
 * file.
 */
int
main(int argc, char **argv)
{
    enum { WORKERS = 8 };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_ends_with_the_last_of_them),
        cmocka_unit_test(so_does_a_server),
    };
    int failed = 0;

    if (argc > 1)
        rounds = (size_t)strtoul(argv[1], NULL, 10);
    rounds /= WORKERS;
    step_ns = clocks[0].step_ns;
    for (unsigned worker = 0; worker < WORKERS; worker++) {
        pid_t pid = fork();

        if (pid < 0)
            return 1;
        srand(worker);
        if (pid == 0)
            return cmocka_run_group_tests(tests, pn_live_setup, pn_live_teardown);
    }
    for (int worker = 0; worker < WORKERS; worker++) {
        int status;

        failed += wait(&status) < 0 || status != 0;
    }
    return failed;
}
