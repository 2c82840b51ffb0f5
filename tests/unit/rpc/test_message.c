/* rpc/message */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "rpc/message.h"

static const struct {
    const char *text;
    enum pn_message_kind kind;
    int code;       /* of a bad one */
    const char *id; /* as JSON; NULL for none */
} messages[] = {
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}", PN_MESSAGE_REQUEST, 0, "1" },
    { "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"a\",\"params\":null}",
      PN_MESSAGE_REQUEST, 0, "\"x\"" },
    { "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":[]}", PN_MESSAGE_NOTIFICATION,
      0, NULL },
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}", PN_MESSAGE_RESPONSE, 0, "1" },
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{}}", PN_MESSAGE_RESPONSE, 0, "1" },
    { "{", PN_MESSAGE_BAD, PN_RPC_PARSE_ERROR, NULL },
    { "", PN_MESSAGE_BAD, PN_RPC_PARSE_ERROR, NULL },
    { "\"\xff\"", PN_MESSAGE_BAD, PN_RPC_PARSE_ERROR, NULL },
    { "1", PN_MESSAGE_BAD, PN_RPC_INVALID_REQUEST, NULL },
    { "[]", PN_MESSAGE_BAD, PN_RPC_INVALID_REQUEST, NULL },
    { "{}", PN_MESSAGE_BAD, PN_RPC_INVALID_REQUEST, NULL },
    { "{\"id\":1,\"method\":\"a\"}", PN_MESSAGE_BAD, PN_RPC_INVALID_REQUEST, "1" },
    { "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"a\"}", PN_MESSAGE_BAD,
      PN_RPC_INVALID_REQUEST, NULL },
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":2}", PN_MESSAGE_BAD,
      PN_RPC_INVALID_REQUEST, "1" },
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\\u0000\"}", PN_MESSAGE_BAD,
      PN_RPC_INVALID_REQUEST, "1" },
    { "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":3}", PN_MESSAGE_BAD,
      PN_RPC_INVALID_REQUEST, "1" },
};

static void
each_text_is_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(messages); i++) {
        struct pn_message message;
        char *id;

        pn_message_read(&message, pn_str_of_text(messages[i].text));
        id = message.id ? json_dumps(message.id, JSON_ENCODE_ANY) : NULL;
        if (message.kind != messages[i].kind || (int)message.code != messages[i].code ||
            !id != !messages[i].id || (id && strcmp(id, messages[i].id) != 0))
            fail_msg("%s: kind %d, code %d, id %s", messages[i].text, message.kind,
                     message.code, id);
        free(id);
        pn_message_clear(&message);
    }
}

static void
what_would_take_much_memory_is_refused(void **state)
{
    struct pn_buffer text = { 0 };
    struct pn_message message;

    (void)state;
    pn_buffer_add_text(&text, "[0");
    for (size_t i = 0; i < PN_MESSAGE_VALUES_MAX; i++)
        pn_buffer_add_text(&text, ",0");
    pn_message_read(&message, pn_str_of(&text));
    assert_int_equal(message.code, PN_RPC_INVALID_REQUEST);
    assert_null(message.root);
    text.size = 0;
    for (size_t i = 0; i <= PN_MESSAGE_DEPTH_MAX; i++)
        pn_buffer_add_text(&text, "[");
    pn_message_read(&message, pn_str_of(&text));
    assert_int_equal(message.code, PN_RPC_INVALID_REQUEST);
    pn_buffer_free(&text);
}

static void
answers_are_said_as_the_standard_has_them(void **state)
{
    json_t *id = json_integer(7);
    json_t *answer = pn_message_answer(id, json_true());
    json_t *fault = pn_message_fault(NULL, PN_RPC_PARSE_ERROR, "no");
    json_t *call = pn_message_call("m", json_null(), 0);
    char *text;

    (void)state;
    text = json_dumps(answer, JSON_COMPACT);
    assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":true}");
    free(text);
    text = json_dumps(fault, JSON_COMPACT);
    assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":"
                              "-32700,\"message\":\"no\"}}");
    free(text);
    text = json_dumps(call, JSON_COMPACT);
    assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":null}");
    free(text);
    json_decref(answer);
    json_decref(fault);
    json_decref(call);
    json_decref(id);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_is_what_it_is),
        cmocka_unit_test(what_would_take_much_memory_is_refused),
        cmocka_unit_test(answers_are_said_as_the_standard_has_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
