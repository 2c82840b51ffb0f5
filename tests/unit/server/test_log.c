/* server/log: lines, and a reader who does not read */
#include "tests/support/harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/log.h"

static void
fields_from_outside_are_made_harmless(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        { NULL, "" },
        { "", "" },
        { "plain-1.2:3", "plain-1.2:3" },
        { "a b\tc\n\033[1m%\177\377", "a?b?c??[1m???" },
    };
    char long_one[201], wanted[201];

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_line line = { .size = 0 };

        srv_line_field(&line, rows[i].from);
        assert_int_equal(line.size, strlen(rows[i].to));
        assert_memory_equal(line.bytes, rows[i].to, line.size);
    }
    for (size_t len = 98; len < 103; len++) {
        struct srv_line line = { .size = 0 };

        memset(long_one, 'x', len);
        long_one[len] = '\0';
        snprintf(wanted, sizeof(wanted), "%.100s%s", long_one, len >= 100 ? "..." : "");
        srv_line_field(&line, long_one);
        assert_int_equal(line.size, strlen(wanted));
        assert_memory_equal(line.bytes, wanted, line.size);
    }
}

/* Standard error becomes a pipe; what was written to it comes back. */
static void
a_full_pipe_loses_whole_lines_and_says_how_many(void **state)
{
    static struct srv_log log;
    static char read_back[400000];
    size_t sent = 0, got = 0, seen = 0, lost = 0;
    int ends[2], saved = dup(STDERR_FILENO);
    bool flushed;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    close(ends[1]);
    srv_log_begin(&log, "test", false);
    for (; sent < 20000; sent++) {
        struct srv_line line = { .size = 0 };

        srv_line_text(&line, "line ");
        srv_line_number(&line, sent);
        srv_line_end(&line, &log);
        if (sent % 16 == 0)
            (void)srv_log_flush(&log);
    }
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0); /* untouched */
    assert_true(log.lost > 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    for (flushed = false; !flushed || got == 0;) {
        ssize_t count;

        while ((count = read(ends[0], read_back + got, sizeof(read_back) - got)) > 0)
            got += (size_t)count;
        flushed = srv_log_flush(&log);
    }
    dup2(saved, STDERR_FILENO);
    for (ssize_t count;
         (count = read(ends[0], read_back + got, sizeof(read_back) - got)) > 0;)
        got += (size_t)count;
    read_back[got] = '\0';
    for (char *at = read_back; *at; at = strchr(at, '\n') + 1) {
        if (strncmp(at, "test: warning: ", 15) == 0) {
            lost += strtoul(at + 15, NULL, 10);
            continue;
        }
        assert_int_equal(strncmp(at, "line ", 5), 0);
        seen++;
    }
    assert_int_equal(seen + lost, sent);
    close(ends[0]);
    close(saved);
    if (log.fd != STDERR_FILENO)
        close(log.fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_from_outside_are_made_harmless),
        cmocka_unit_test(a_full_pipe_loses_whole_lines_and_says_how_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
