/* server/children: a table of pids beside a plain list */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "server/children.h"

static void
pids_are_found_while_they_are_there_and_no_longer(void **state)
{
    enum { STEPS = 60000, LIVE = 700, PIDS = 5000 };
    static pid_t live[LIVE];
    static bool is_live[PIDS];
    struct srv_children children = { .places = NULL };
    size_t count = 0;

    (void)state;
    srand(5);
    for (size_t step = 0; step < STEPS; step++) {
        struct srv_child child = { .pid = 1 + rand() % (PIDS - 1) }, out = { .pid = 0 };
        pid_t wanted = child.pid;

        if (count < LIVE && !is_live[wanted] && rand() % 2) {
            assert_true(srv_children_reserve(&children));
            srv_children_add(&children, &child);
            is_live[wanted] = true;
            live[count++] = wanted;
        } else if (count && rand() % 2) {
            size_t at = (size_t)rand() % count;

            wanted = live[at];
            live[at] = live[--count];
            assert_true(srv_children_take(&children, wanted, &out));
            assert_int_equal(out.pid, wanted);
            is_live[wanted] = false;
        } else if (!is_live[wanted]) {
            assert_false(srv_children_take(&children, wanted, &out));
        }
        assert_int_equal(children.count, count);
    }
    srv_children_clear(&children);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pids_are_found_while_they_are_there_and_no_longer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
