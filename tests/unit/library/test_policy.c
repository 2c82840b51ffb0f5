/* postern/policy.h, as a program of somebody else uses it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/library.h"

static void
buffers_take_the_place_of_files(void **state)
{
    struct pn_test_buffers buffers = pn_test_mail_buffers();
    struct postern_compiler *compiler = pn_test_compiler(&buffers, 0);
    struct postern_policy *policy = NULL;
    struct postern_answer answer = POSTERN_ANSWER_INIT;
    struct postern_query query = pn_test_query("198.51.100.9", NULL);

    (void)state;
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(postern_report_count(postern_policy_diagnostics(policy)), 0);
    assert_non_null(postern_policy_rules(policy));
    buffers.texts[2] = "10.0.0.0/8\n"; /* what was read stays as it was */
    assert_int_equal(postern_policy_decide(policy, &query, &answer), POSTERN_OK);
    assert_int_equal(answer.decision.verdict, POSTERN_ALLOW);
    pn_assert_str(answer.file, "m.rules");
    assert_int_equal(answer.line, 5);
    pn_assert_str(answer.target, "$office");
    pn_assert_str(answer.list, "lists/a.txt");
    pn_assert_str(answer.entry, "198.51.100.0/24");
    assert_int_equal(answer.list_line, 2);
    assert_int_equal(buffers.reads, 3);
    pn_assert_str(postern_policy_file(policy, 0)->name, "m.rules");
    assert_non_null(postern_policy_file(policy, 2));
    assert_null(postern_policy_file(policy, 3));
    postern_policy_close(policy);
    postern_compiler_free(compiler);
}

static void
what_is_wrong_is_data(void **state)
{
    struct postern_policy *policy =
        pn_test_policy("10.1.:allow\n10.2.: allow\n10.300.:deny\n");
    const struct postern_report *report = postern_policy_diagnostics(policy);
    const struct postern_finding *finding = postern_report_finding(report, 0);
    struct postern_query query = pn_test_query("10.1.2.3", NULL);
    struct postern_answer answer = POSTERN_ANSWER_INIT;
    struct postern_text *text = NULL;
    struct postern_report *refused = NULL;

    (void)state;
    assert_non_null(finding);
    assert_int_equal(finding->severity, POSTERN_ERROR);
    pn_assert_str(finding->code, "P000");
    pn_assert_str(finding->kind, "no-verdict");
    pn_assert_str(finding->at.file, "p.rules");
    assert_int_equal(finding->at.line, 2);
    assert_int_equal(finding->at.column, 1);
    assert_int_equal(finding->at.offset, 12);
    pn_assert_str(finding->at.excerpt, "10.2.: allow");
    assert_int_equal(finding->edit_count, 1);
    pn_assert_str(postern_report_edit(report, 0, 0)->text, "10.2.:allow");
    assert_null(postern_report_edit(report, 0, 1));
    assert_null(postern_report_related(report, 0, 0));
    assert_null(postern_report_finding(report, postern_report_count(report)));
    assert_null(postern_policy_rules(policy));
    assert_int_equal(postern_policy_decide(policy, &query, &answer), POSTERN_E_REFUSED);
    assert_int_equal(answer.decision.verdict, POSTERN_DENY);
    assert_int_equal(postern_policy_emit(policy, 0, &text, &refused),
                     POSTERN_E_REFUSED);
    assert_null(text);
    assert_int_equal(postern_report_count(refused), 1);
    postern_report_free(refused);
    postern_policy_close(policy);
}

static void
what_cannot_be_read_says_why(void **state)
{
    struct pn_test_buffers buffers = {
        .names = { "a.rules" },
        .texts = { "postern: 1\ninclude \"b.rules\"\n* : deny\n" }
    };
    struct postern_compiler *compiler = pn_test_compiler(&buffers, 0);
    struct postern_policy *policy = NULL;
    const struct postern_report *report;

    (void)state;
    assert_int_equal(postern_policy_load_file(compiler, "none.rules", &policy),
                     POSTERN_E_IO);
    assert_int_equal(errno, ENOENT);
    assert_null(policy);
    assert_int_equal(postern_policy_load_file(compiler, "a.rules", &policy),
                     POSTERN_OK);
    report = postern_policy_diagnostics(policy);
    assert_int_equal(postern_report_count(report), 1);
    assert_int_equal(postern_report_finding(report, 0)->at.line, 2);
    assert_int_equal(postern_policy_file(policy, 1)->error, ENOENT);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
}

static void
an_image_is_what_the_rules_say(void **state)
{
    struct postern_policy *policy = pn_test_policy("10.1.:allow,A=\"b\"\n:deny\n");
    struct postern_text *classic = NULL, *native = NULL;
    struct postern_query query = pn_test_query("10.1.2.3", NULL);

    (void)state;
    assert_int_equal(postern_policy_emit(policy, 0, &classic, NULL), POSTERN_OK);
    assert_int_equal(postern_policy_emit(policy, POSTERN_EMIT_NATIVE, &native, NULL),
                     POSTERN_OK);
    for (size_t i = 0; i < 2; i++) {
        struct postern_decision decision = POSTERN_DECISION_INIT;
        struct postern_info info = POSTERN_INFO_INIT;
        struct postern_rules *rules = NULL;
        size_t size;
        const char *bytes = postern_text_bytes(i ? native : classic, &size);

        assert_int_equal(postern_rules_open_memory(bytes, size, 0, &rules), POSTERN_OK);
        assert_int_equal(postern_rules_info(rules, &info), POSTERN_OK);
        assert_int_equal(info.format,
                         i ? POSTERN_FORMAT_NATIVE : POSTERN_FORMAT_CLASSIC);
        assert_int_equal(postern_rules_decide(rules, &query, &decision), POSTERN_OK);
        assert_int_equal(decision.verdict, POSTERN_ALLOW);
        postern_rules_close(rules);
    }
    assert_int_equal(postern_policy_emit(policy,
                                         POSTERN_EMIT_NATIVE | POSTERN_EMIT_CLASSIC,
                                         &native, NULL),
                     POSTERN_E_ARG);
    assert_int_equal(postern_policy_emit(policy, 1u << 9, &native, NULL),
                     POSTERN_E_ARG);
    postern_text_free(classic);
    postern_text_free(native);
    postern_policy_close(policy);
}

static void
a_file_is_replaced_whole_or_not_at_all(void **state)
{
    static const char broken[] = "postern: 1\n* : allow\nexpect 10.0.0.1 : deny\n";
    struct postern_policy *good = pn_test_policy(":deny\n"),
                          *bad = pn_test_policy(broken);
    struct postern_report *report = NULL;
    char path[] = "/tmp/postern-library-XXXXXX", name[64];
    struct stat before, after;

    (void)state;
    assert_non_null(mkdtemp(path));
    (void)snprintf(name, sizeof(name), "%s/r.cdb", path);
    assert_int_equal(postern_policy_emit_file(good, 0, name, NULL), POSTERN_OK);
    assert_int_equal(stat(name, &before), 0);
    assert_int_equal(postern_policy_emit_file(bad, 0, name, &report),
                     POSTERN_E_REFUSED);
    assert_int_equal(postern_report_count(report), 1);
    assert_int_equal(stat(name, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(postern_policy_emit_file(bad, POSTERN_EMIT_UNPROVEN, name, NULL),
                     POSTERN_OK);
    assert_int_equal(stat(name, &after), 0);
    assert_int_not_equal(before.st_ino, after.st_ino);
    assert_int_equal(postern_policy_emit_file(good, 0, "/nowhere/r.cdb", NULL),
                     POSTERN_E_IO);
    assert_int_equal(postern_policy_emit_file(good, 0, "p.rules", NULL), POSTERN_E_ARG);
    postern_report_free(report);
    postern_policy_close(good);
    postern_policy_close(bad);
    unlink(name);
    assert_int_equal(rmdir(path), 0); /* and nothing lies beside it */
}

static void
memory_ends_where_it_was_said_to(void **state)
{
    struct pn_test_buffers buffers = pn_test_mail_buffers();
    struct postern_compiler *compiler = pn_test_compiler(&buffers, 400000);
    struct postern_policy *policy = NULL;
    size_t size = 2000000;
    char *list = malloc(size + 1);
    uint64_t used = 0, peak = 0;

    (void)state;
    assert_non_null(list);
    for (size_t i = 0; i < size; i += 10)
        (void)snprintf(list + i, 11, "10.%03zu.%c \n", i / 10 % 200, 'a');
    buffers.texts[2] = list; /* what is too large may be any of the files */
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_E_LIMIT);
    buffers.texts[2] = "10.0.0.0/8\n";
    assert_int_equal(postern_policy_load_text(compiler, "b.rules", list, size, &policy),
                     POSTERN_E_LIMIT);
    assert_null(policy);
    postern_compiler_memory(compiler, &used, &peak);
    assert_int_equal(used, 0);
    assert_true(peak > 0 && peak <= 400000 + 4096);
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    postern_policy_close(policy);
    postern_compiler_free(compiler);
    free(list);
}

static void
what_is_cancelled_ends_until_it_is_resumed(void **state)
{
    struct postern_compiler *compiler = pn_test_compiler(NULL, 0);
    struct postern_policy *policy = NULL;

    (void)state;
    postern_compiler_cancel(compiler);
    assert_int_equal(postern_policy_load_text(compiler, "a", ":deny\n", 6, &policy),
                     POSTERN_E_CANCELLED);
    postern_compiler_resume(compiler);
    assert_int_equal(postern_policy_load_text(compiler, "a", ":deny\n", 6, &policy),
                     POSTERN_OK);
    postern_compiler_cancel(compiler);
    postern_policy_close(policy); /* that is never refused */
    postern_compiler_free(compiler);
}

static void
a_file_is_known_by_any_of_its_names(void **state)
{
    static const char text[] = "postern: 1\ninclude \"x/.././a.rules\"\n* : deny\n";
    struct pn_test_buffers buffers = { .names = { "a.rules", "x/.././a.rules" },
                                       .texts = { text, text } };
    struct postern_compiler *compiler = pn_test_compiler(&buffers, 0);
    struct postern_policy *policy = NULL;
    const struct postern_report *report;

    (void)state;
    assert_int_equal(postern_policy_load_file(compiler, "a.rules", &policy),
                     POSTERN_OK);
    report = postern_policy_diagnostics(policy);
    assert_int_equal(postern_report_count(report), 1);
    pn_assert_str(postern_report_finding(report, 0)->kind, "include-cycle");
    postern_policy_close(policy);
    postern_compiler_free(compiler);
}

static void
a_reader_may_not_call_back(void **state)
{
    struct pn_test_buffers buffers = pn_test_mail_buffers(),
                           other = pn_test_mail_buffers();
    struct postern_compiler *compiler = pn_test_compiler(&buffers, 0);
    struct postern_policy *policy = NULL;

    (void)state;
    buffers.compiler = compiler;
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(buffers.nested, POSTERN_E_BUSY);
    postern_policy_close(policy);
    buffers.compiler = pn_test_compiler(&other, 0); /* another one is fine */
    assert_int_equal(postern_policy_load_file(compiler, "m.rules", &policy),
                     POSTERN_OK);
    assert_int_equal(buffers.nested, POSTERN_OK);
    postern_policy_close(policy);
    postern_compiler_free(buffers.compiler);
    postern_compiler_free(compiler);
}

static void
nothing_unusable_is_taken(void **state)
{
    struct postern_compiler_options options = POSTERN_COMPILER_OPTIONS_INIT;
    struct postern_compiler *compiler = NULL;
    struct postern_policy *policy = NULL;
    struct postern_text *text = NULL;

    (void)state;
    options.as_of = 20261399;
    assert_int_equal(postern_compiler_new(&options, &compiler), POSTERN_E_ARG);
    options.as_of = 20260230;
    assert_int_equal(postern_compiler_new(&options, &compiler), POSTERN_E_ARG);
    options.as_of = 20261129;
    options.struct_size = 8;
    assert_int_equal(postern_compiler_new(&options, &compiler), POSTERN_E_ARG);
    compiler = pn_test_compiler(NULL, 0);
    assert_int_equal(postern_policy_load_file(compiler, "", &policy), POSTERN_E_ARG);
    assert_int_equal(postern_policy_load_text(compiler, "a", NULL, 5, &policy),
                     POSTERN_E_ARG);
    assert_int_equal(
        postern_policy_load_text(compiler, "a", NULL, 0, &policy),
        POSTERN_OK); /* nothing at all is the classic policy without rules */
    postern_policy_close(policy);
    assert_int_equal(postern_format(compiler, NULL, "", 0, &text, NULL), POSTERN_E_ARG);
    postern_compiler_free(compiler);
    postern_compiler_free(NULL);
    postern_policy_close(NULL);
    postern_report_free(NULL);
    postern_diff_free(NULL);
    postern_text_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_take_the_place_of_files),
        cmocka_unit_test(what_is_wrong_is_data),
        cmocka_unit_test(what_cannot_be_read_says_why),
        cmocka_unit_test(an_image_is_what_the_rules_say),
        cmocka_unit_test(a_file_is_replaced_whole_or_not_at_all),
        cmocka_unit_test(memory_ends_where_it_was_said_to),
        cmocka_unit_test(what_is_cancelled_ends_until_it_is_resumed),
        cmocka_unit_test(a_file_is_known_by_any_of_its_names),
        cmocka_unit_test(a_reader_may_not_call_back),
        cmocka_unit_test(nothing_unusable_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
