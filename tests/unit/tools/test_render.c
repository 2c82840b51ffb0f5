/* tools/render: bytes that a terminal or a JSON reader must not be given as they are */
#include "tests/support/harness.h"

#include <stdio.h>
#include <string.h>

#include "analysis/answer.h"
#include "compiler/number_text.h"
#include "tests/support/random.h"
#include "tools/render/json.h"
#include "tools/render/snippet.h"
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

static const struct {
    const char *line, *front, *span; /* the span, and what stands before it */
    size_t columns, marks;
} underlined[] = {
    { "10.1. allow", "10.1. ", "allow", 6, 5 },
    { "\u4e2d\u6587 : deny", "\u4e2d\u6587 ", ": deny", 5, 6 },
    { "=\u4e2d\u6587", "=", "\u4e2d\u6587", 1, 4 },
    { "\U0001f600 x", "\U0001f600 ", "x", 3, 1 },
    { "e\u0301\u0302 x", "e\u0301\u0302 ", "x", 2, 1 },
    { "a\u0301", "a", "\u0301", 1, 1 },    /* under what it combines with is no room */
    { "a\u200bx", "a\u200b", "x", 13, 1 }, /* shown as three escapes */
    { "a\u202ex", "a", "\u202e", 1, 12 },
    { "\tx", "\t", "x", 8, 1 },
    { "ab\tx\ty", "ab\tx", "\ty", 9, 8 },
    { "\u4e2d\tx", "\u4e2d\t", "x", 8, 1 },
    { "\x1b[1mx", "\x1b[1m", "x", 7, 1 },
    { "\xff\xfex", "\xff", "\xfe", 4, 4 },
    { "\u20ac\u00e9x", "\u20ac\u00e9", "x", 2, 1 },
    { "\uff21\uff22x", "\uff21", "\uff22", 2, 2 },
    { "\u00e9", "\xc3", "\xa9", 4, 1 }, /* the half of a character */
};

/* The marks stand under what a terminal shows of the span, whatever it shows. */
static void
marks_stand_under_what_they_mean(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(underlined); i++) {
        struct pn_shown shown = { 1, pn_str_of_text(underlined[i].line),
                                  strlen(underlined[i].front),
                                  strlen(underlined[i].span) };
        struct pn_output output;

        pn_output_begin(&output, -1);
        assert_int_equal(pn_render_front(&output, &shown), underlined[i].columns);
        assert_int_equal(output.pending.size, underlined[i].columns);
        assert_int_equal(pn_render_underline(&output, &shown, '^'),
                         underlined[i].marks);
        assert_int_equal(output.pending.size,
                         underlined[i].columns + underlined[i].marks);
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

static const struct {
    unsigned high, shift, low; /* high * 2^shift + low - 1 */
    const char *text;
} numbers[] = {
    { 0, 0, 1, "0" },
    { 1, 16, 1, "65,536" },
    { 1, 40, 0, "1,099,511,627,775" },
    { 1, 40, 1, "2^40" },
    { 1, 63, 1, "2^63" },
    { 1, 64, 1, "2^64 (one /64)" },
    { 1, 80, 1, "2^80 (one /48)" },
    { 3, 80, 1, "3 * 2^80 (3 /48)" },
    { 99, 64, 1, "99 * 2^64 (99 /64)" },
    { 101, 64, 1, "more than 2^70" },
    { 1, 80, 2, "more than 2^80" },
    { 1, 80, 0, "nearly 2^80" },
    { 1, 96, 0, "nearly 2^96" },
    { 1, 127, 1, "2^127 (one /1)" },
};

static void
numbers_are_written_for_people(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(numbers); i++) {
        pn_number number =
            ((pn_number)numbers[i].high << numbers[i].shift) + numbers[i].low - 1;
        struct pn_buffer text = { 0 };

        pn_number_write_people(&text, number);
        pn_buffer_add(&text, "", 1);
        assert_string_equal(text.bytes, numbers[i].text);
        pn_buffer_free(&text);
    }
}

/* What a text claims of a number holds: any number, of any size. */
static void
what_is_said_of_a_number_is_true(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        pn_number number = 0;
        unsigned count = 1, power = 0;
        struct pn_buffer text = { 0 };

        for (unsigned k = 0; k < 8; k++)
            number = number << 16 | pn_test_pick(&seed, 1 << 16);
        number >>= pn_test_pick(&seed, 88);
        if (pn_test_pick(&seed, 2))
            number &= ~(pn_number)0 << pn_test_pick(&seed, 127);
        if (number >> 40 == 0)
            continue;
        pn_number_write_people(&text, number);
        pn_buffer_add(&text, "", 1);
        if (sscanf(text.bytes, "more than 2^%u", &power) == 1) {
            assert_true(number > (pn_number)1 << power);
            assert_true(power == 127 || number < (pn_number)1 << (power + 1));
        } else if (sscanf(text.bytes, "nearly 2^%u", &power) == 1) {
            assert_true(power == 128 || number < (pn_number)1 << power);
            assert_true(number > ((pn_number)127 << (power - 7)));
        } else {
            if (sscanf(text.bytes, "%u * 2^%u", &count, &power) != 2) {
                count = 1;
                assert_int_equal(sscanf(text.bytes, "2^%u", &power), 1);
            }
            assert_true(number == (pn_number)count << power);
        }
        pn_buffer_free(&text);
    }
}

#define LINE(number, before, width, words)                                             \
    {                                                                                  \
        .file = "a", .column = (before) + 1,                                           \
        .shown = { number, { "one two three", 13 }, before, width }, .label = (words), \
        .paint = "<",                                                                  \
    }

/* Marks out of order, twice of a line, and of another file. */
static void
a_snippet_has_each_line_once_and_in_order(void **state)
{
    static const struct pn_mark marks[] = {
        LINE(7, 4, 3, "this"),
        LINE(9, 0, 3, NULL),
        LINE(2, 8, 5, "before it"),
        LINE(7, 0, 3, "and this"),
        { .file = "b",
          .column = 1,
          .hidden = true,
          .shown = { .line = 1 },
          .label = "there" },
    };
    static const char want[] = "    2 | one two three\n"
                               "      |         ----- before it\n"
                               "    7 | one two three\n"
                               "      | --- and this\n"
                               "      |     ^^^ this\n"
                               "    9 | one two three\n"
                               "      | ---\n"
                               "    ::: b:1:1\n"
                               "    1 | (" PN_NOT_SHOWN ")\n"
                               "      | there\n";
    struct pn_style style = { .headed = true };
    struct pn_output out;

    (void)state;
    pn_output_begin(&out, -1);
    pn_snippet_write(&out, &style, marks, PN_COUNT_OF(marks));
    pn_output_add(&out, "", 1);
    assert_string_equal(out.pending.bytes, want);
    pn_buffer_free(&out.pending);
}

/* No line is wider than asked for, unless one word is, and no word is lost. */
static void
paragraphs_are_broken_at_blanks(void **state)
{
    static const char text[] =
        "if these are yours: --trusted 10.1.0.0/16,2001:db8:1::/48, or trusted = "
        "10.1.0.0/16,2001:db8:1::/48 in .postern";

    (void)state;
    for (size_t width = 0; width < 130; width++) {
        const struct pn_style style = { .width = width };
        struct pn_output out;
        struct pn_flow flow;
        size_t column = 0, words = 0;

        pn_output_begin(&out, -1);
        flow = pn_flow_begin(&out, &style, 0, 4);
        pn_flow_words(&flow, text);
        pn_flow_end(&flow);
        for (size_t i = 0; i < out.pending.size; i++) {
            char c = out.pending.bytes[i];

            column = c == '\n' ? 0 : column + 1;
            words += c != ' ' && c != '\n' &&
                     (!i || strchr(" \n", out.pending.bytes[i - 1]) != NULL);
            if (width >= 40)
                assert_true(column <= width);
        }
        assert_int_equal(words, 12);
        pn_buffer_free(&out.pending);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_escaped_for_json_and_for_terminals),
        cmocka_unit_test(marks_stand_under_what_they_mean),
        cmocka_unit_test(the_last_of_equal_names_takes_effect),
        cmocka_unit_test(what_is_too_much_is_said_once_to_each_reader),
        cmocka_unit_test(numbers_are_written_for_people),
        cmocka_unit_test(what_is_said_of_a_number_is_true),
        cmocka_unit_test(a_snippet_has_each_line_once_and_in_order),
        cmocka_unit_test(paragraphs_are_broken_at_blanks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
