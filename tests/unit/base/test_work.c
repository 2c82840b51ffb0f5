/* base/work.h */
#include "tests/support/harness.h"

#include "base/work.h"

static void
steps_are_counted_up_to_the_limit_and_never_after(void **state)
{
    struct pn_work work = { .limit = 10 };

    (void)state;
    assert_true(pn_work_take(&work, 4));
    assert_true(pn_work_take(&work, 6));
    assert_true(pn_work_take(&work, 0));
    assert_false(work.spent);
    assert_false(pn_work_take(&work, 1));
    assert_true(work.spent);
    assert_int_equal(work.done, 10);
    assert_false(pn_work_take(&work, 0));
}

static void
what_is_refused_is_not_done(void **state)
{
    struct pn_work work = { .limit = 10 };

    (void)state;
    assert_true(pn_work_take(&work, 9));
    assert_false(pn_work_take(&work, UINT64_MAX));
    assert_int_equal(work.done, 9);
    assert_false(pn_work_take(&work, 1));
}

static void
without_a_limit_there_is_no_end(void **state)
{
    struct pn_work work = { 0 };

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_true(pn_work_take(&work, PN_WORK_LIMIT));
    assert_int_equal(work.done, 100 * PN_WORK_LIMIT);
    assert_true(pn_work_take(NULL, PN_WORK_LIMIT));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_counted_up_to_the_limit_and_never_after),
        cmocka_unit_test(what_is_refused_is_not_done),
        cmocka_unit_test(without_a_limit_there_is_no_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
