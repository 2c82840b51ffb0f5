/* server/pending: queues of clients, and which of them may be deferred */
#include "tests/support/harness.h"

#include "server/pending.h"

static struct srv_exceeded
exceeded(uint8_t last, uint32_t n)
{
    const struct postern_per per = { 32, 64 };
    const struct postern_addr addr = { 4, { 10, 0, 0, last } };

    return (struct srv_exceeded){ .source = srv_counter_key_of(3, &addr, &per),
                                  .n = n };
}

static void
who_came_first_is_taken_first(void **state)
{
    struct srv_pending_queue queue = { .first = NULL };
    struct srv_pending *pending;

    (void)state;
    assert_null(srv_pending_take(&queue));
    for (int round = 0; round < 3; round++) { /* emptied, and filled again */
        for (int fd = 0; fd < 5; fd++) {
            const struct srv_pending from = { .client = { .fd = fd } };

            pending = srv_pending_new(&from);
            assert_non_null(pending);
            srv_pending_add(&queue, pending);
        }
        assert_int_equal(queue.count, 5);
        for (int fd = 0; fd < 5; fd++) {
            pending = srv_pending_take(&queue);
            assert_int_equal(pending->client.fd, fd);
            srv_pending_free(pending);
        }
        assert_null(srv_pending_take(&queue));
        assert_int_equal(queue.count, 0);
    }
    srv_pending_free(NULL);
}

static void
no_source_waits_more_often_than_it_may_connect(void **state)
{
    struct srv_pending_queue queue = { .first = NULL };
    const struct srv_exceeded one = exceeded(1, 2), other = exceeded(2, 1);

    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct srv_pending from = { .exceeded = one };

        assert_true(srv_pending_has_room(&queue, &one));
        srv_pending_add(&queue, srv_pending_new(&from));
    }
    assert_false(srv_pending_has_room(&queue, &one));
    assert_true(srv_pending_has_room(&queue, &other));
    while (queue.count)
        srv_pending_free(srv_pending_take(&queue));
    assert_true(srv_pending_has_room(&queue, &one));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_came_first_is_taken_first),
        cmocka_unit_test(no_source_waits_more_often_than_it_may_connect),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
