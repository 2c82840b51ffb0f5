/* Every allocation of a call of postern/compiler.h fails in turn. */
#include <stdio.h>
#include <unistd.h>

#include "tests/support/library.h"
#include "tests/support/no_memory.h"

static const char texts[2][400] = {
    "postern: 1\n"
    "set office = 10.1.0.0/16, 2001:db8::/48, file \"a.txt\"\n"
    "env mail = TAG=\"x\"\n"
    "include \"more.rules\"\n"
    "joe@10.2.0.0/16 : allow\n"
    "$office : allow, $mail, RELAYCLIENT=\"\"\n"
    "=.x.example : deny\n"
    "10.1.2.0/24 : allow, TAG=\"x\", RELAYCLIENT=\"\"\n"
    "* : deny\n"
    "always !$office : !RELAYCLIENT\n",
    "postern: 1\n10.1.0.0/16 : allow\n=.y.example : allow, A=\"\"\n* : deny\n"
};

static struct pn_test_buffers buffers = {
    .names = { "0.rules", "1.rules", "more.rules", "a.txt" },
    .texts = { texts[0], texts[1], "postern: 1\n192.0.2.0/24 : deny\n",
               "198.51.100.0/24\n198.51.100.7\n" }
};

static bool
claim_pass(void *payload, const struct postern_claim *claim)
{
    (void)payload;
    (void)claim;
    return true;
}

/* Nothing but a shortage may be told; true when there is none. */
static bool
is_fine(enum postern_status status)
{
    if (status != POSTERN_OK)
        assert_int_equal(status, POSTERN_E_NOMEM);
    return status == POSTERN_OK;
}

static bool
policies_ask(struct postern_policy *policies[2])
{
    struct postern_answer answer = POSTERN_ANSWER_INIT;
    struct postern_symbol symbol = POSTERN_SYMBOL_INIT;
    struct postern_query query = pn_test_query("198.51.100.7", NULL);
    struct postern_report *report = NULL;
    struct postern_diff *diff = NULL;
    struct postern_text *text = NULL;
    bool holds = false, good;

    good = is_fine(postern_policy_decide(policies[0], &query, &answer));
    if (good)
        assert_int_equal(answer.decision.verdict, POSTERN_ALLOW);
    good = good && is_fine(postern_policy_at(policies[0], NULL, 100, &symbol));
    good = good && is_fine(postern_policy_prove(policies[0], NULL, claim_pass, NULL,
                                                &holds, NULL));
    if (good)
        assert_true(holds);
    good = good && is_fine(postern_policy_lint(policies[0], NULL, &report));
    if (good)
        assert_true(postern_report_count(report) > 0);
    good = good && is_fine(postern_policy_diff(policies[0], policies[1], 0, &diff));
    if (good)
        assert_int_equal(postern_diff_direction(diff), POSTERN_MIXED);
    good = good && is_fine(postern_policy_emit(policies[0], 0, &text, NULL));
    postern_report_free(report);
    postern_diff_free(diff);
    postern_text_free(text);
    return good;
}

static bool
everything_once(void)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;
    struct postern_policy *policies[2] = { NULL, NULL };
    uint64_t used = 1;
    bool good;

    options.read = pn_test_buffers_read;
    options.payload = &buffers;
    if (!is_fine(postern_compiler_new(&options, &compiler)))
        return false;
    good = is_fine(postern_policy_load_file(compiler, "0.rules", &policies[0])) &&
           is_fine(postern_policy_load_file(compiler, "1.rules", &policies[1]));
    if (good) {
        assert_non_null(postern_policy_rules(policies[0]));
        good = policies_ask(policies);
    }
    postern_policy_close(policies[0]);
    postern_policy_close(policies[1]);
    postern_compiler_memory(compiler, &used, NULL);
    assert_int_equal(used, 0); /* and nothing stays */
    postern_compiler_free(compiler);
    return good;
}

static bool
faulty_once(void)
{
    static const char text[] = "10.1.:allow\n10.2.: allow\n10.300.:deny\n";
    struct postern_compiler *compiler = NULL;
    struct postern_policy *policy = NULL;
    struct postern_report *report = NULL;
    struct postern_text *laid = NULL;
    enum postern_status status;
    bool good;

    if (!is_fine(postern_compiler_new(NULL, &compiler)))
        return false;
    good = is_fine(
        postern_policy_load_text(compiler, "f.rules", text, sizeof(text) - 1, &policy));
    if (good) {
        assert_true(postern_report_count(postern_policy_diagnostics(policy)) > 0);
        status = postern_format(compiler, "f", "postern: 1\n:(\n", 14, &laid, &report);
        good = status == POSTERN_E_REFUSED;
        if (!good)
            assert_int_equal(status, POSTERN_E_NOMEM);
    }
    postern_report_free(report);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
    return good;
}

static void
no_call_is_wrong_without_memory(void **state)
{
    (void)state;
    pn_memory_sweep(everything_once, 300);
}

static void
no_report_is_wrong_without_memory(void **state)
{
    (void)state;
    pn_memory_sweep(faulty_once, 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_call_is_wrong_without_memory),
        cmocka_unit_test(no_report_is_wrong_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
