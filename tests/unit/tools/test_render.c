/* tools/render: bytes that a terminal or a JSON reader must not be given as they are */
#include "tests/support/harness.h"

#include "analysis/answer.h"
#include "tools/render/json.h"
#include "tools/render/text.h"
#include "tools/verbs.h"

static const struct {
    const char *bytes;
    size_t size;
    const char *json, *text;
} strings[] = {
    { "plain", 5, "\"plain\"", "plain" },
    { "\"\\\n\t\r\b\f", 7, "\"\\\"\\\\\\n\\t\\r\\b\\f\"",
      "\"\\\\x0a\\x09\\x0d\\x08\\x0c" },
    { "\0\x1b\x7f", 3, "\"\\u0000\\u001b\\u007f\"", "\\x00\\x1b\\x7f" },
    { "\xc3\xa9", 2, "\"\xc3\xa9\"", "\xc3\xa9" },
    { "\xff\xc3", 2, "\"\\udcff\\udcc3\"", "\\xff\\xc3" },
    { "\xc2\x9b", 2, "\"\\u009b\"", "\\xc2\\x9b" },
};

static void
bytes_are_escaped_for_json_and_for_terminals(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(strings); i++) {
        struct pn_output output;

        pn_output_begin(&output, -1);
        pn_json_string(&output, strings[i].bytes, strings[i].size);
        pn_output_add(&output, "", 1);
        assert_string_equal(output.pending.bytes, strings[i].json);
        output.pending.size = 0;
        pn_render_bytes(&output, (struct pn_str){ strings[i].bytes, strings[i].size });
        pn_output_add(&output, "", 1);
        assert_string_equal(output.pending.bytes, strings[i].text);
        pn_buffer_free(&output.pending);
    }
}

static void
the_last_of_equal_names_takes_effect(void **state)
{
    static const char text[] = ":allow,B=\"1\",A=\"1\",B=\"2\",AA=\"3\",A=\"4\"\n";
    static const char *const want[] = { "B=2", "AA=3", "A=4" };
    struct postern_rules *rules = pn_test_rules(text, sizeof(text) - 1);
    struct pn_answer answer = { .decision = pn_test_decide(rules, "::1", NULL, NULL) };
    struct pn_environment environment = pn_environment_of(&answer);

    (void)state;
    assert_int_equal(environment.count, PN_COUNT_OF(want));
    for (size_t i = 0; i < PN_COUNT_OF(want); i++)
        assert_string_equal(environment.items[i].assignment, want[i]);
    pn_environment_free(&environment);
    answer.decision.verdict = POSTERN_DENY;
    assert_int_equal(pn_environment_of(&answer).count, 0);
    postern_rules_close(rules);
}

static void
what_is_too_much_is_said_once_to_each_reader(void **state)
{
    static const char text[] = "too much to compare: 9 \"hosts\"; give --only";
    static const struct {
        int format;
        const char *out;
    } rows[] = {
        { PN_FORMAT_TEXT, "" },
        { PN_FORMAT_JSON,
          "{\"error\": \"too much to compare: 9 \\\"hosts\\\"; give --only\", "
          "\"reason\": \"too-much\"}\n" },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct pn_tool tool = { .verb = pn_verb_find("diff") };
        struct pn_common common = { .format = rows[i].format };

        pn_output_begin(&tool.out, -1);
        pn_output_begin(&tool.err, -1);
        assert_int_equal(pn_tool_too_much(&tool, &common, "9 \"hosts\"; give --only"),
                         PN_EXIT_USAGE);
        pn_output_add(&tool.out, "", 1);
        pn_output_add(&tool.err, "", 1);
        assert_string_equal(tool.out.pending.bytes, rows[i].out);
        assert_non_null(strstr(tool.err.pending.bytes, text));
        pn_buffer_free(&tool.out.pending);
        pn_buffer_free(&tool.err.pending);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_escaped_for_json_and_for_terminals),
        cmocka_unit_test(the_last_of_equal_names_takes_effect),
        cmocka_unit_test(what_is_too_much_is_said_once_to_each_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
