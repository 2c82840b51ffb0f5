/* server/rules: reloads, many reloads in a row, and files that are no rules */
#include "tests/support/harness.h"
#include "tests/support/live_rules.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/output.h"
#include "server/rules.h"

static const char *const path = pn_live_path;

static int
verdict(const struct srv_rules *rules)
{
    return pn_test_decide(rules->in_force, "1.2.3.4", NULL, NULL).verdict;
}

/* Time is the test's: what it says now_ms is. */
static void
one_load_in_fifty_milliseconds_and_never_the_old_file(void **state)
{
    struct srv_rules rules = { .path = NULL };
    int64_t ready_ms = 0;

    (void)state;
    pn_live_replace(":allow\n");
    assert_true(srv_rules_init(&rules, path, 1000));
    assert_int_equal(verdict(&rules), POSTERN_ALLOW);
    pn_live_replace(":deny\n");
    assert_int_equal(srv_rules_check(&rules, 1010, 0, &ready_ms), SRV_RULES_WAIT);
    assert_int_equal(ready_ms, 1050);
    pn_live_replace(":allow\n");
    assert_int_equal(srv_rules_check(&rules, 1049, 0, &ready_ms), SRV_RULES_WAIT);
    pn_live_replace(":deny\n");
    assert_int_equal(srv_rules_check(&rules, 1050, 0, &ready_ms), SRV_RULES_READY);
    assert_int_equal(verdict(&rules), POSTERN_DENY);
    assert_int_equal(rules.generation, 2);
    srv_rules_clear(&rules);
}

static void
a_bad_file_breaks_until_it_is_good_unless_the_last_good_one_stays(void **state)
{
    for (int keep = 0; keep < 2; keep++) {
        struct srv_rules rules = { .keep_last_good = keep };
        int64_t ready_ms, now_ms = 1000;
        int fd;

        (void)state;
        pn_live_replace(":deny\n");
        assert_true(srv_rules_init(&rules, path, now_ms));
        fd = open(path, O_WRONLY | O_TRUNC);
        assert_true(pn_write_all(fd, "half", 4));
        close(fd);
        assert_int_equal(srv_rules_check(&rules, now_ms += 100, 0, &ready_ms),
                         keep ? SRV_RULES_READY : SRV_RULES_BROKEN);
        assert_string_equal(srv_rules_reason(&rules), "protocol error");
        pn_live_replace(":allow\n");
        assert_int_equal(srv_rules_check(&rules, now_ms += 100, 0, &ready_ms),
                         SRV_RULES_READY);
        assert_int_equal(verdict(&rules), POSTERN_ALLOW);
        srv_rules_clear(&rules);
    }
}

static void
a_missing_file_breaks_or_allows_and_is_no_load_each_time(void **state)
{
    struct srv_rules rules = { .path = NULL };
    int64_t ready_ms, now_ms = 1000;

    (void)state;
    unlink(path);
    assert_true(srv_rules_init(&rules, path, now_ms));
    assert_int_equal(srv_rules_check(&rules, now_ms, 0, &ready_ms), SRV_RULES_BROKEN);
    assert_string_equal(srv_rules_reason(&rules), "file does not exist");
    rules.allow_missing = true;
    assert_int_equal(srv_rules_check(&rules, now_ms, 0, &ready_ms), SRV_RULES_NONE);
    assert_int_equal(rules.generation, 1);
    srv_rules_clear(&rules);
    rules = (struct srv_rules){ .path = NULL };
    assert_true(srv_rules_init(&rules, NULL, now_ms));
    assert_int_equal(srv_rules_check(&rules, now_ms, 0, &ready_ms), SRV_RULES_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_load_in_fifty_milliseconds_and_never_the_old_file),
        cmocka_unit_test(
            a_bad_file_breaks_until_it_is_good_unless_the_last_good_one_stays),
        cmocka_unit_test(a_missing_file_breaks_or_allows_and_is_no_load_each_time),
    };

    return cmocka_run_group_tests(tests, pn_live_setup, pn_live_teardown);
}
