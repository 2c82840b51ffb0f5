/* mcp/arguments, mcp/answer: what a verb is told, and what its answer becomes */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "mcp/job.h"

/* A call, and the words of its verb with blanks between; or what is refused, by the
 * argument, behind a "!". */
static const struct {
    const char *tool, *arguments, *words;
} calls[] = {
    { "check", "{\"policy\": {\"path\": \"a\"}, \"address\": \"::1\"}",
      "check --format=json -- a ::1" },
    { "check",
      "{\"policy\": {\"path\": \"-\"}, \"address\": \"--help\", \"host\": \"h\"}",
      "check --format=json -- ./- --help h" },
    { "check",
      "{\"address\": \"::1\", \"ident\": \"-x\", \"trace\": true, "
      "\"policy\": {\"text\": \"\"}, \"unknown\": [\"host\"]}",
      "check --format=json --ident=-x --unknown=host --trace -- policy.rules ::1" },
    { "check",
      "{\"policy\": {\"path\": \"a\"}, \"clients\": [{\"address\": \"::1\"}], "
      "\"trace\": false, \"limit\": 7}",
      "check --format=json --batch -- a" },
    { "who", "{\"policy\": {\"path\": \"a\"}, \"verdict\": \"deny\"}",
      "who --format=json --verdict=deny -- a" },
    { "diff", "{\"old\": {\"text\": \"\"}, \"new\": {\"text\": \"\"}}",
      "diff --format=json -- old.rules new.rules" },
    { "test", "{\"policy\": {\"path\": \"a\"}, \"expectations\": [\"x\"]}",
      "test --format=json -- a" },
    { "propose", "{\"policy\": {\"path\": \"a\"}, \"wish\": [\"x\"]}",
      "propose --format=json --wish= -- a" },
    { "explain", "{}", "explain --format=json --" },
    { "explain", "{\"codes\": [\"P202\", \"--help\"]}",
      "explain --format=json -- P202 --help" },
    { "check", "{}", "!policy" },
    { "check", "[]", "!" },
    { "check", "{\"policy\": {\"path\": \"a\\u0000b\"}}", "!policy.path" },
    { "check", "{\"policy\": {\"path\": \"a\", \"text\": \"b\"}}", "!policy" },
    { "check", "{\"policy\": {\"path\": \"a\"}}", "!" },
    { "who", "{\"policy\": {\"path\": \"a\"}, \"verdict\": \"block\"}", "!verdict" },
    { "lint", "{\"policy\": {\"path\": \"a\"}, \"fix\": true}", "!fix" },
    { "lint", "{\"policy\": {\"path\": \"a\"}, \"limit\": 100001}", "!limit" },
};

static void
words_join(const struct pn_mcp_job *job, struct pn_buffer *out)
{
    for (size_t i = 0; i < job->word_count; i++) {
        pn_buffer_add_text(out, i ? " " : "");
        pn_buffer_add_text(out, job->words[i]);
    }
}

static void
arguments_become_words_of_a_verb(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(calls); i++) {
        const struct pn_mcp_tool *tool =
            pn_mcp_tool_find(pn_str_of_text(calls[i].tool));
        json_t *arguments = json_loads(calls[i].arguments, JSON_ALLOW_NUL, NULL);
        struct pn_buffer got = { 0 };
        struct pn_mcp_fault fault;
        struct pn_mcp_job job;

        assert_non_null(tool);
        assert_non_null(arguments);
        if (pn_mcp_job_read(&job, tool, arguments, &fault))
            words_join(&job, &got);
        else {
            assert_non_null(fault.message);
            pn_buffer_add_text(&got, "!");
            pn_buffer_add_text(&got, fault.place);
        }
        pn_buffer_add(&got, "", 1);
        if (strcmp(got.bytes, calls[i].words) != 0)
            fail_msg("call %zu: %s", i, got.bytes);
        pn_buffer_free(&got);
        pn_mcp_job_clear(&job);
        json_decref(arguments);
    }
}

static const char *
text_of(void *payload, const char *name)
{
    (void)payload;
    return strcmp(name, "known") == 0 ? "in general" : NULL;
}

/* What a verb prints, how it ends, and the answer. */
static const struct {
    const char *tool, *out, *err;
    int status;
    const char *answer;
} printed[] = {
    { "check", "{\"verdict\": \"deny\"}", "", 0,
      "{\"decision\":{\"verdict\":\"deny\"}}" },
    { "who",
      "{\"regions\": [{\"addresses\": [\"1\", \"2\", \"3\"], \"hosts\": [\"=\", "
      "\"=.a\", \"=.b\"]}]}",
      "a note\n", 0,
      "{\"regions\":[{\"addresses\":[\"1\",\"2\"],\"hosts\":[\"=\",\"=.a\",\"=.b\"]}],"
      "\"omitted\":{\"addresses\":1},\"said\":[\"a note\"]}" },
    { "check", "{\"verdict\": \"deny\", \"target\": \"a\\udc80\\\\udc80\"}", "", 0,
      "{\"decision\":{\"verdict\":\"deny\",\"target\":\"a\xef\xbf\xbd\\\\udc80\"}}" },
    { "test", "{\"kind\": \"expect\"}\n{\"kind\": \"coverage\"}\n", "", 1,
      "{\"results\":[{\"kind\":\"expect\"}],\"coverage\":{\"kind\":\"coverage\"}}" },
    { "lint",
      "{\"findings\": [{\"name\": \"known\", \"file\": \"f\", \"message\": \"of X\", "
      "\"help\": \"write X\"}]}",
      "", 2,
      "{\"findings\":[{\"name\":\"known\",\"file\":\"f\",\"message\":\"in general\","
      "\"said\":{\"message\":\"of X\",\"help\":\"write X\"}}]}" },
    { "who", "{\"error\": \"much\", \"reason\": \"too-much\"}", "", 2,
      "{\"error\":{\"reason\":\"too-much\",\"message\":\"this is too much to compare: "
      "ask of a smaller policy\"}}" },
    { "who", "", "postern who: a: Cannot allocate memory\n", 111,
      "{\"error\":{\"reason\":\"memory\",\"message\":\"the call took more than 512 MiB "
      "of memory: ask for less\",\"said\":[\"postern who: a: Cannot allocate "
      "memory\"]}}" },
    { "who", "no JSON", "", 0,
      "{\"error\":{\"reason\":\"system\",\"message\":\"the system refused: `said` has "
      "what the verb says of it\"}}" },
};

static void
what_a_verb_prints_becomes_an_answer(void **state)
{
    const struct pn_mcp_host host = { .text_of = text_of };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(printed); i++) {
        const struct pn_mcp_job job = {
            .tool = pn_mcp_tool_find(pn_str_of_text(printed[i].tool)), .limit = 2
        };
        struct pn_mcp_printed by_verb = { .status = printed[i].status };
        bool is_error;
        json_t *answer;
        char *text;

        pn_buffer_add_text(&by_verb.out, printed[i].out);
        pn_buffer_add_text(&by_verb.err, printed[i].err);
        answer = pn_mcp_answer(&host, &job, &by_verb, &is_error);
        assert_non_null(answer);
        text = json_dumps(answer, JSON_COMPACT);
        assert_string_equal(text, printed[i].answer);
        assert_int_equal(is_error, json_object_get(answer, "error") != NULL);
        free(text);
        json_decref(answer);
        pn_buffer_free(&by_verb.out);
        pn_buffer_free(&by_verb.err);
    }
}

static void
every_tool_has_its_schemas(void **state)
{
    json_t *list = pn_mcp_tools_list();

    (void)state;
    assert_non_null(list);
    assert_int_equal(json_array_size(json_object_get(list, "tools")),
                     pn_mcp_tool_count);
    json_decref(list);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_become_words_of_a_verb),
        cmocka_unit_test(what_a_verb_prints_becomes_an_answer),
        cmocka_unit_test(every_tool_has_its_schemas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
