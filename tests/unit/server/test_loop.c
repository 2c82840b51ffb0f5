/* server/loop: timers in order, and descriptors that are forgotten within a turn */
#include "tests/support/harness.h"

#include <stdlib.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/loop.h"

enum { TIMERS = 300 };

struct numbered {
    struct srv_timer timer;
    int64_t wanted_ms;
};

static size_t fired;
static int64_t last_ms;

static void
on_fire(struct srv_timer *timer)
{
    struct numbered *numbered = (struct numbered *)timer;

    assert_true(numbered->wanted_ms >= last_ms);
    last_ms = numbered->wanted_ms;
    fired++;
}

static void
timers_fire_in_their_order_and_once(void **state)
{
    static struct numbered timers[TIMERS];
    struct srv_loop *loop = srv_loop_new();
    int64_t now = srv_now_ms();
    size_t unset = 0;

    (void)state;
    assert_non_null(loop);
    srand(9);
    fired = 0;
    last_ms = 0;
    for (size_t i = 0; i < TIMERS; i++) {
        timers[i].timer.fire = on_fire;
        assert_true(srv_loop_set(loop, &timers[i].timer, now + 1000)); /* moved below */
    }
    for (size_t i = 0; i < TIMERS; i++) {
        timers[i].wanted_ms = now + rand() % 40;
        assert_true(srv_loop_set(loop, &timers[i].timer, timers[i].wanted_ms));
    }
    for (size_t i = 0; i < TIMERS; i += 3, unset++)
        srv_loop_unset(loop, &timers[i].timer);
    srv_loop_unset(loop, &timers[0].timer); /* once more is fine */
    while (fired < TIMERS - unset)
        assert_true(srv_loop_turn(loop));
    assert_int_equal(fired, TIMERS - unset);
    srv_loop_free(loop);
}

struct pair {
    struct srv_watch a, b;
    struct srv_loop *loop;
    size_t calls;
};

/* Whichever comes first forgets both: the other's event of this turn must not come. */
static void
on_ready(struct srv_watch *source)
{
    struct pair *pair = source->owner;

    pair->calls++;
    srv_loop_forget(pair->loop, &pair->a);
    srv_loop_forget(pair->loop, &pair->b);
}

static void
a_forgotten_descriptor_is_not_heard_of_in_the_same_turn(void **state)
{
    struct pair pair = { .loop = srv_loop_new() };
    int one[2], two[2];

    (void)state;
    assert_non_null(pair.loop);
    assert_int_equal(pipe(one) | pipe(two), 0);
    pair.a = (struct srv_watch){ .ready = on_ready, .fd = one[0], .owner = &pair };
    pair.b = (struct srv_watch){ .ready = on_ready, .fd = two[0], .owner = &pair };
    assert_true(srv_loop_watch(pair.loop, &pair.a, SRV_READABLE));
    assert_true(srv_loop_watch(pair.loop, &pair.b, SRV_READABLE));
    assert_int_equal(write(one[1], "x", 1) + write(two[1], "x", 1), 2);
    assert_true(srv_loop_turn(pair.loop));
    assert_int_equal(pair.calls, 1);
    srv_loop_free(pair.loop);
    close(one[0]), close(one[1]), close(two[0]), close(two[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_their_order_and_once),
        cmocka_unit_test(a_forgotten_descriptor_is_not_heard_of_in_the_same_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
