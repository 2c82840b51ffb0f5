/* postern/compiler.h in threads, and cancelled at any moment. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/library.h"
#include "tests/support/random.h"

enum { THREADS = 3, ROUNDS = 12, RULES = 400, CANCELLATIONS = 40 };

static char text[RULES * 64];

static void
fill_text(void)
{
    size_t at = (size_t)snprintf(text, sizeof(text), "postern: 1\n");

    for (int i = 0; i < RULES; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at,
                               "10.%d.%d.0/24, =.h%d.example : allow, A=\"%d\"\n",
                               i / 9, i % 200, i, i % 7);
    (void)snprintf(text + at, sizeof(text) - at,
                   "* : deny\nalways 10.0.0.0/8 : deny\n");
}

/* What a round came to: cmocka's assertions are for the main thread. */
enum round { ROUND_FINE, ROUND_CANCELLED, ROUND_WRONG };

static bool
round_is_right(const struct postern_report *report, const struct postern_diff *diff,
               bool holds)
{
    return !holds && postern_report_count(report) > 0 &&
           postern_diff_direction(diff) == POSTERN_SAME;
}

/* Everything once. */
static enum round
round_make(struct postern_compiler *compiler)
{
    struct postern_policy *policy = NULL;
    struct postern_report *report = NULL;
    struct postern_diff *diff = NULL;
    bool holds = true;
    enum round round = ROUND_WRONG;
    enum postern_status status =
        postern_policy_load_text(compiler, "t.rules", text, strlen(text), &policy);

    if (status == POSTERN_OK)
        status = postern_policy_lint(policy, NULL, &report);
    if (status == POSTERN_OK)
        status = postern_policy_prove(policy, NULL, NULL, NULL, &holds, NULL);
    if (status == POSTERN_OK)
        status = postern_policy_diff(policy, policy, 0, &diff);
    if (status == POSTERN_E_CANCELLED)
        round = ROUND_CANCELLED;
    else if (status == POSTERN_OK && round_is_right(report, diff, holds))
        round = ROUND_FINE;
    postern_diff_free(diff);
    postern_report_free(report);
    postern_policy_close(policy);
    return round;
}

struct worker {
    pthread_t thread;
    struct postern_compiler *shared;
    unsigned fine;
};

static void *
work(void *payload)
{
    struct worker *worker = payload;
    struct postern_compiler *own = NULL;

    if (postern_compiler_new(NULL, &own) != POSTERN_OK)
        return NULL;
    for (unsigned i = 0; i < ROUNDS; i++)
        worker->fine += round_make(i % 2 ? own : worker->shared) == ROUND_FINE;
    postern_compiler_free(own);
    return NULL;
}

static void
threads_may_share_a_compiler_and_have_their_own(void **state)
{
    struct postern_compiler *shared = pn_test_compiler(NULL, 0);
    struct worker workers[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ .shared = shared };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]),
                         0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].fine, ROUNDS);
    }
    postern_compiler_free(shared);
}

static void
what_was_compiled_is_read_by_all(void **state)
{
    struct postern_policy *policy = pn_test_policy("10.1.:allow\n:deny\n");
    const struct postern_rules *rules = postern_policy_rules(policy);
    struct postern_query query = pn_test_query("10.1.2.3", NULL);
    struct postern_decision decision = POSTERN_DECISION_INIT;

    (void)state;
    assert_int_equal(postern_rules_decide(rules, &query, &decision), POSTERN_OK);
    assert_int_equal(decision.verdict, POSTERN_ALLOW);
    postern_policy_close(policy);
}

/* Who cancels: after some microseconds, again and again. */
struct canceller {
    pthread_t thread;
    struct postern_compiler *compiler;
    atomic_bool ended;
};

static void *
cancel(void *payload)
{
    struct canceller *canceller = payload;
    uint64_t random = 1;

    while (!atomic_load(&canceller->ended)) {
        struct timespec pause = { 0, (long)pn_test_pick(&random, 20000000) };

        (void)nanosleep(&pause, NULL);
        postern_compiler_cancel(canceller->compiler);
    }
    return NULL;
}

static void
a_cancelled_call_leaves_nothing(void **state)
{
    struct canceller canceller = { .compiler = pn_test_compiler(NULL, 0) };
    unsigned cancelled = 0;
    uint64_t used = 1;

    (void)state;
    assert_int_equal(pthread_create(&canceller.thread, NULL, cancel, &canceller), 0);
    while (cancelled < CANCELLATIONS) {
        enum round round = round_make(canceller.compiler);

        assert_int_not_equal(round, ROUND_WRONG);
        cancelled += round == ROUND_CANCELLED;
        postern_compiler_resume(canceller.compiler);
    }
    atomic_store(&canceller.ended, true);
    assert_int_equal(pthread_join(canceller.thread, NULL), 0);
    postern_compiler_resume(canceller.compiler);
    assert_int_equal(round_make(canceller.compiler),
                     ROUND_FINE); /* as if nothing had been */
    postern_compiler_memory(canceller.compiler, &used, NULL);
    assert_int_equal(used, 0);
    postern_compiler_free(canceller.compiler);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_may_share_a_compiler_and_have_their_own),
        cmocka_unit_test(what_was_compiled_is_read_by_all),
        cmocka_unit_test(a_cancelled_call_leaves_nothing),
    };

    fill_text();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
