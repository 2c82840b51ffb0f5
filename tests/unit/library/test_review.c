/* postern/review.h: proofs, findings, differences, layout, positions. */
#include "postern/review.h"

#include "tests/support/library.h"

struct claims {
    unsigned count, holding, ends_after;
    uint32_t line;
    char query[64];
};

static bool
claim_note(void *payload, const struct postern_claim *claim)
{
    struct claims *claims = payload;

    claims->count++;
    claims->holding += claim->holds;
    claims->line = claim->at.line;
    if (claim->query)
        postern_addr_print(&claim->query->remote, claims->query);
    return claims->count != claims->ends_after;
}

static void
claims_are_proven_or_broken_by_a_query(void **state)
{
    struct pn_test_buffers buffers = pn_test_mail_buffers();
    struct postern_compiler *compiler = pn_test_compiler(&buffers, 0);
    struct postern_policy *policy = NULL;
    struct claims claims = { 0 }, first = { .ends_after = 1 };
    struct postern_report *report = NULL;
    bool holds = false;

    (void)state;
    buffers.names[3] = "m_test.rules";
    buffers.texts[3] = "postern: 1\nalways 10.0.0.0/8 : allow\n";
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(
        postern_policy_prove(policy, NULL, claim_note, &claims, &holds, &report),
        POSTERN_OK);
    assert_true(holds);
    assert_int_equal(claims.count, 2);
    assert_int_equal(claims.holding, 2);
    assert_int_equal(postern_policy_prove(policy, "m_test.rules", claim_note, &claims,
                                          &holds, &report),
                     POSTERN_OK);
    assert_false(holds);
    assert_int_equal(claims.count, 5);
    assert_int_equal(claims.holding, 4);
    assert_int_equal(claims.line, 2);
    assert_memory_equal(claims.query, "10.", 3);
    assert_int_equal(
        postern_policy_prove(policy, NULL, claim_note, &first, &holds, &report),
        POSTERN_OK);
    assert_int_equal(first.count, 1);
    buffers.texts[3] = "";
    assert_null(report);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
}

/* Of two halves, one hides another rule: in the place of both, that would decide. */
static void
a_half_that_hides_a_rule_is_not_merged(void **state)
{
    static const char *const texts[] = {
        "postern: 1\n10.1. : deny\n10.0. : deny\n* : allow\n",
        "postern: 1\n10.1. : deny\n10.0. : deny\n10.0. : allow\n* : allow\n",
        "postern: 1\nset s = 10.0.0.0/16\n10.1. : deny\n10.0. : deny\n$s : allow\n"
        "* : allow\n",
        "postern: 1\njoe@2001:db8::/33 : deny\njoe@2001:db8:8000::/33 : deny\n"
        "joe@2001:db8:8000::/33 : allow\n* : allow\n",
    };
    struct postern_lint_options options = POSTERN_LINT_OPTIONS_INIT;

    (void)state;
    options.only = "P303";
    for (size_t i = 0; i < PN_COUNT_OF(texts); i++) {
        struct postern_policy *policy = pn_test_policy(texts[i]);
        struct postern_report *report = NULL;

        assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_OK);
        assert_int_equal(postern_report_count(report), i ? 0 : 1);
        postern_report_free(report);
        postern_policy_close(policy);
    }
}

static void
a_version_is_not_the_layout_s_to_change(void **state)
{
    static const char text[] = "postern:   2\n*:deny\n";
    struct postern_compiler *compiler = pn_test_compiler(NULL, 0);
    struct postern_text *laid = NULL;

    (void)state;
    assert_int_equal(
        postern_format(compiler, "f.rules", text, sizeof(text) - 1, &laid, NULL),
        POSTERN_OK);
    assert_string_equal(postern_text_bytes(laid, NULL), "postern: 2\n* : deny\n");
    postern_text_free(laid);
    postern_compiler_free(compiler);
}

static void
findings_have_edits_and_examples(void **state)
{
    struct postern_policy *policy = pn_test_policy(
        "postern: 1\n10.1.0.0/16 : allow\n10.1.2.0/24 : allow\n* : deny\n");
    struct postern_lint_options options = POSTERN_LINT_OPTIONS_INIT;
    struct postern_report *report = NULL;
    const struct postern_finding *finding;

    (void)state;
    options.only = "P301";
    options.server = POSTERN_SERVER_KNOWN;
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_OK);
    assert_int_equal(postern_report_count(report), 1);
    finding = postern_report_finding(report, 0);
    assert_int_equal(finding->at.line, 3);
    assert_int_equal(finding->at.offset, 31);
    assert_true(finding->is_safe);
    assert_true(finding->edit_count > 0);
    assert_true(finding->related_count > 0);
    assert_int_equal(postern_report_related(report, 0, 0)->at.line, 2);
    postern_report_free(report);
    options.only = "no-such-finding";
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_E_ARG);
    options.only = NULL;
    options.trusted = "elsewhere";
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_E_ARG);
    assert_int_equal(postern_policy_lint(policy, NULL, &report), POSTERN_OK);
    assert_true(postern_report_count(report) > 0);
    postern_report_free(report);
    options.trusted = NULL;
    options.today = 20261399;
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_E_ARG);
    options.today = 20261129;
    options.tests = "/"; /* which is no file, and not out of memory */
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_E_IO);
    options.tests = "/nowhere/at_all";
    assert_int_equal(postern_policy_lint(policy, &options, &report), POSTERN_OK);
    postern_policy_close(policy); /* a report outlives it */
    assert_non_null(postern_report_finding(report, 0)->message.ptr);
    postern_report_free(report);
}

static void
a_difference_is_exact_and_outlives_its_policies(void **state)
{
    static const char texts[2][96] = { "postern: 1\n10.1.0.0/16 : allow\n* : deny\n",
                                       "postern: 1\n10.1.0.0/16 : allow, A=\"b\"\n"
                                       "=.x.example : allow\n* : deny\n" };
    struct postern_compiler *compiler = pn_test_compiler(NULL, 0);
    struct postern_policy *policies[2] = { NULL, NULL },
                          *stranger = pn_test_policy(":deny");
    struct postern_diff *diff = NULL, *same = NULL;
    const struct postern_region *region;
    struct postern_env_iter env;
    struct postern_env variable;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(postern_policy_load_text(compiler, "d.rules", texts[i],
                                                  strlen(texts[i]), &policies[i]),
                         POSTERN_OK);
    assert_int_equal(postern_policy_diff(policies[0], stranger, 0, &diff),
                     POSTERN_E_ARG);
    assert_int_equal(postern_policy_diff(policies[0], policies[0], 0, &same),
                     POSTERN_OK);
    assert_int_equal(postern_policy_diff(policies[0], policies[1], 0, &diff),
                     POSTERN_OK);
    postern_policy_close(policies[0]);
    postern_policy_close(policies[1]);
    postern_policy_close(stranger);
    postern_compiler_free(compiler);
    assert_int_equal(postern_diff_direction(same), POSTERN_SAME);
    assert_null(postern_diff_region(same, 0));
    assert_int_equal(postern_diff_direction(diff), POSTERN_MIXED);
    region = postern_diff_region(diff, 0);
    assert_int_equal(region->effect, POSTERN_GAINS);
    assert_string_equal(postern_diff_host(diff, 0, 0), "=.x.example");
    assert_int_equal(region->before->decision.verdict, POSTERN_DENY);
    pn_assert_str(region->after->target, "=.x.example");
    region = postern_diff_region(diff, 1);
    assert_int_equal(region->effect, POSTERN_OTHER);
    pn_assert_str(region->addresses, "65536");
    assert_int_equal(region->range_count, 1);
    pn_assert_str(postern_diff_range(diff, 1, 0)->text, "10.1.0.0/16");
    assert_null(postern_diff_range(diff, 1, 1));
    assert_null(postern_diff_ident(diff, 1, 0));
    env = region->after->decision.env;
    assert_true(postern_env_next(&env, &variable));
    pn_assert_str(variable.name, "A");
    assert_null(postern_diff_region(diff, 2));
    postern_diff_free(diff);
    postern_diff_free(same);
}

static void
a_layout_says_the_same(void **state)
{
    static const char text[] = "postern:1\n10.1.0.0/16:allow\n*   :  deny\n";
    struct postern_compiler *compiler = pn_test_compiler(NULL, 0);
    struct postern_text *laid = NULL;
    struct postern_report *report = NULL;
    size_t size;

    (void)state;
    assert_int_equal(
        postern_format(compiler, "f.rules", text, sizeof(text) - 1, &laid, &report),
        POSTERN_OK);
    assert_string_equal(postern_text_bytes(laid, &size),
                        "postern: 1\n10.1.0.0/16 : allow\n*           : deny\n");
    assert_int_equal(size, strlen(postern_text_bytes(laid, NULL)));
    postern_text_free(laid);
    assert_null(report);
    assert_int_equal(
        postern_format(compiler, "f.rules", "postern: 1\n:(\n", 14, &laid, &report),
        POSTERN_E_REFUSED);
    assert_true(postern_report_count(report) > 0);
    postern_report_free(report);
    postern_compiler_free(compiler);
}

static struct postern_symbol
symbol_at(struct postern_policy *policy, const char *file, const char *text,
          const char *word)
{
    struct postern_symbol symbol = POSTERN_SYMBOL_INIT;
    const char *at = strstr(text, word);

    assert_non_null(at);
    assert_int_equal(
        postern_policy_at(policy, file, (uint32_t)(at - text) + 1, &symbol),
        POSTERN_OK);
    return symbol;
}

static void
a_position_is_of_a_symbol(void **state)
{
    struct pn_test_buffers buffers = pn_test_mail_buffers();
    struct postern_compiler *compiler = pn_test_compiler(&buffers, 0);
    struct postern_policy *policy = NULL;
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct postern_symbol symbol;

    (void)state;
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    symbol = symbol_at(policy, NULL, pn_test_mail, "$office : allow");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_SET);
    pn_assert_str(symbol.text, "$office");
    assert_int_equal(symbol.definition.line, 2);
    assert_int_equal(symbol.statement.line, 5);
    assert_int_equal(
        postern_rules_outcome(postern_policy_rules(policy), symbol.rule, &decision),
        POSTERN_OK);
    assert_int_equal(decision.verdict, POSTERN_ALLOW);
    symbol = symbol_at(policy, NULL, pn_test_mail, "$mail\n");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_ENV);
    assert_int_equal(symbol.definition.line, 3);
    symbol = symbol_at(policy, NULL, pn_test_mail, "more.rules");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_INCLUDE);
    pn_assert_str(symbol.definition.file, "more.rules");
    symbol = symbol_at(policy, NULL, pn_test_mail, "lists/a.txt");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_LIST);
    pn_assert_str(symbol.definition.file, "lists/a.txt");
    symbol = symbol_at(policy, NULL, pn_test_mail, "TAG");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_VARIABLE);
    symbol = symbol_at(policy, NULL, pn_test_mail, "set office");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_NONE); /* a word of the language */
    assert_int_equal(symbol.statement.line, 2);
    symbol = symbol_at(policy, NULL, pn_test_mail, "by $office");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_NONE);
    symbol = symbol_at(policy, NULL, pn_test_mail, "$office\nalways");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_SET);
    assert_int_equal(symbol.definition.line, 2);
    symbol = symbol_at(policy, NULL, pn_test_mail, "expect");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_CLAIM);
    assert_int_equal(symbol.rule, POSTERN_RULE_NONE);
    symbol = symbol_at(policy, "more.rules", buffers.texts[1], "192.0.2.1");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_TARGET);
    assert_int_equal(postern_policy_at(policy, "none", 0, &symbol), POSTERN_E_ARG);
    assert_int_equal(postern_policy_at(policy, NULL, 100000, &symbol), POSTERN_E_ARG);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
    policy = pn_test_policy("10.1.:allow\n:deny\n");
    symbol = symbol_at(policy, NULL, "10.1.:allow\n:deny\n", "10.1.");
    assert_int_equal(symbol.kind, POSTERN_SYMBOL_RULE);
    assert_int_equal(
        postern_rules_outcome(postern_policy_rules(policy), symbol.rule, &decision),
        POSTERN_OK);
    assert_int_equal(decision.verdict, POSTERN_ALLOW);
    postern_policy_close(policy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_proven_or_broken_by_a_query),
        cmocka_unit_test(findings_have_edits_and_examples),
        cmocka_unit_test(a_half_that_hides_a_rule_is_not_merged),
        cmocka_unit_test(a_version_is_not_the_layout_s_to_change),
        cmocka_unit_test(a_difference_is_exact_and_outlives_its_policies),
        cmocka_unit_test(a_layout_says_the_same),
        cmocka_unit_test(a_position_is_of_a_symbol),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
