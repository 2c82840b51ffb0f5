/* server/spawn: a program on a descriptor, and one that does not run */
#include "tests/support/harness.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/spawn.h"

struct note {
    pid_t started;
    int error;
};

static void
on_started(void *payload, pid_t pid)
{
    ((struct note *)payload)->started = pid;
}

static void
on_failed(void *payload, int error)
{
    ((struct note *)payload)->error = error;
}

static int
run(char *const *argv, struct note *note, char *out, size_t size)
{
    static char *env[] = { "GREETING=hello", NULL };
    int ends[2], status;
    ssize_t got;
    pid_t pid;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    struct srv_spawn spawn = { .argv = argv,
                               .env = env,
                               .path = "/nonexist:/usr/bin:/bin",
                               .fd = ends[1],
                               .started = on_started,
                               .failed = on_failed,
                               .payload = note };

    sigemptyset(&spawn.mask);
    pid = srv_spawn(&spawn);
    assert_true(pid > 0);
    close(ends[1]);
    got = read(ends[0], out, size - 1);
    out[got > 0 ? got : 0] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(note->started, pid); /* the child wrote into our memory */
    return status;
}

static void
a_program_has_its_descriptor_and_environment(void **state)
{
    static char *argv[] = { "sh", "-c", "echo $GREETING", NULL };
    struct note note = { 0, 0 };
    char out[64];

    (void)state;
    assert_int_equal(run(argv, &note, out, sizeof(out)), 0);
    assert_string_equal(out, "hello\n");
    assert_int_equal(note.error, 0);
}

static void
one_that_does_not_run_says_why_and_ends_with_111(void **state)
{
    static const struct {
        char *name;
        int error;
    } rows[] = { { "/nonexist/program", ENOENT },
                 { "no-such-program", ENOENT },
                 { "/etc/passwd", EACCES },
                 { "/", EACCES } };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        char *argv[] = { rows[i].name, NULL };
        struct note note = { 0, 0 };
        char out[64];

        assert_int_equal(run(argv, &note, out, sizeof(out)), 111 << 8);
        assert_int_equal(note.error, rows[i].error);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_has_its_descriptor_and_environment),
        cmocka_unit_test(one_that_does_not_run_says_why_and_ends_with_111),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
