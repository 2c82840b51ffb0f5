/* tools/progress */
#include "tests/support/harness.h"

#include "tools/progress.h"

static const struct {
    struct pn_progress_state state;
    size_t columns;
    const char *line;
} lines[] = {
    { { 0, 0, NULL, .5 }, 0, "1 s" },
    { { 0, 0, NULL, 59.4 }, 0, "59 s" },
    { { 0, 0, NULL, 75 }, 0, "1 min 15 s" },
    { { 0, 0, NULL, 7260 }, 0, "2 h 1 min" },
    { { 30, 0, "files", 10 }, 0, "10 s  3.0 files/s" },
    { { 0, 100, "mutants", 1 }, 0, "[--------------------] 0 %" },
    { { 50, 100, "mutants", 5 },
      0,
      "[##########----------] 50 %  10 mutants/s  5 s left" },
    { { 99, 100, "files", 66 },
      0,
      "[###################-] 99 %  1.5 files/s  1 s left" },
    { { 100, 100, "files", 10 },
      0,
      "[####################] 100 %  10 files/s  0 s left" },
    { { 3 << 20, 6 << 20, NULL, 2 },
      0,
      "[##########----------] 50 %  1.5 MiB/s  2 s left" },
    { { 100, 1000, NULL, 1 }, 0, "[##------------------] 10 %  100 B/s  9 s left" },
    { { 5, 4, NULL, 1 }, 0, "1 s  5.0 B/s" }, /* the file has grown */
    { { 5, 10, NULL, 0 }, 0, "[##########----------] 50 %" },
    { { UINT64_MAX / 2, UINT64_MAX, NULL, 1e10 },
      0,
      "[##########----------] 50 %  880 MiB/s  2777777 h 46 min left" },
    { { 50, 100, "mutants", 5 }, 30, "[##########----------] 50 %  " },
    { { 50, 100, "mutants", 5 }, 1, "" },
};

static void
a_line_tells_share_rate_and_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(lines); i++) {
        struct pn_buffer out = { 0 };

        pn_progress_write(&out, &lines[i].state, lines[i].columns);
        if (!pn_str_is(pn_str_of(&out), lines[i].line))
            fail_msg("%s: %.*s", lines[i].line, (int)out.size, out.bytes);
        pn_buffer_free(&out);
    }
}

/* What was never begun, or is over, does nothing. */
static void
without_a_terminal_nothing_happens(void **state)
{
    struct pn_progress progress = { 0 };

    (void)state;
    pn_progress_measure(&progress, 10, "files");
    pn_progress_add(&progress, 1);
    pn_progress_end(&progress);
    pn_progress_begin(&progress, 80);
    assert_true(progress.runs);
    pn_progress_begin(&progress, 80);
    pn_progress_measure_file(&progress, -1);
    pn_progress_end(&progress);
    assert_false(progress.runs);
    pn_progress_begin(&progress, 80);
    assert_false(progress.runs);
    pn_progress_end(&progress);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_tells_share_rate_and_rest),
        cmocka_unit_test(without_a_terminal_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
