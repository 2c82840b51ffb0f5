/* server/json_line, server/messages_json: objects of a log, and the longest of them */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/json_line.h"
#include "server/messages.h"
#include "server/server.h"

static void
texts_are_strings_of_json(void **state)
{
    static const struct {
        const char *text;
        size_t most;
        const char *member; /* NULL: none */
    } rows[] = {
        { NULL, 9, NULL },
        { "", 0, "\"t\": \"\"" },
        { "plain", 5, "\"t\": \"plain\"" },
        { "plain", 4, "\"t_cut\": \"plai\"" },
        { "a\"b\\c\n\r\t\b\f", 99, "\"t\": \"a\\\"b\\\\c\\n\\r\\t\\b\\f\"" },
        { "\x01\x1b\x7f", 99, "\"t\": \"\\u0001\\u001b\\u007f\"" },
        { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 99,
          "\"t\": \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
        { "\xc2\x85", 99, "\"t\": \"\\u0085\"" }, /* a control, of two bytes */
        /* not UTF-8: alone, overlong, a surrogate, cut off */
        { "\xff", 99, "\"t\": \"\\udcff\"" },
        { "\xc0\xaf", 99, "\"t\": \"\\udcc0\\udcaf\"" },
        { "\xed\xb3\xbf", 99, "\"t\": \"\\udced\\udcb3\\udcbf\"" },
        { "a\xe2\x82", 99, "\"t\": \"a\\udce2\\udc82\"" },
        /* cut between characters, whatever they are written as */
        { "ab\"", 3, "\"t_cut\": \"ab\"" },
        { "ab\n", 4, "\"t\": \"ab\\n\"" },
        { "a\x01", 6, "\"t_cut\": \"a\"" },
        { "a\xe2\x82\xac", 3, "\"t_cut\": \"a\"" },
        { "a\xff", 6, "\"t_cut\": \"a\"" },
        { "a\xff", 7, "\"t\": \"a\\udcff\"" },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_line line = { .size = 1, .bytes = "{" };

        srv_json_string(&line, "t", rows[i].text, rows[i].most);
        line.bytes[line.size] = '\0';
        assert_string_equal(line.bytes + 1, rows[i].member ? rows[i].member : "");
    }
}

static void
a_nul_of_a_text_with_a_length_is_escaped(void **state)
{
    struct srv_line line = { .size = 1, .bytes = "{" };

    (void)state;
    srv_json_text(&line, "t", (struct postern_str){ "a\0b", 3 }, 99);
    line.bytes[line.size] = '\0';
    assert_string_equal(line.bytes, "{\"t\": \"a\\u0000b\"");
}

/* Members that find no room are left out whole, and the object has its end. */
static void
a_line_is_never_longer_than_a_line(void **state)
{
    struct srv_line line;
    char text[3000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (size_t most = 1850; most < 2100; most++) {
        const char *front = "{\"event\": \"e\", \"time\": \"";
        size_t got = 0;

        srv_json_begin(&line, "e");
        srv_json_string(&line, "t", text, most);
        srv_json_number(&line, "n", 12345);
        srv_json_string(&line, "s", "\x01\x02\x03\x04", 99);
        srv_json_end(&line);
        assert_true(line.size <= SRV_LINE_SIZE);
        assert_memory_equal(line.bytes, front, strlen(front));
        assert_memory_equal(line.bytes + line.size - 2, "}\n", 2);
        for (size_t i = 0; i < line.size; i++)
            got += line.bytes[i] == '"';
        assert_int_equal(got % 2, 0); /* no string without its end */
    }
}

/* The time is that of the system's clock, as date(1) writes it. */
static void
every_line_has_its_event_and_both_clocks(void **state)
{
    char before[64], after[64];
    struct srv_line line;
    time_t now;

    (void)state;
    now = time(NULL);
    strftime(before, sizeof(before), "%Y-%m-%dT%H:%M:%S", gmtime(&now));
    srv_json_begin(&line, "some");
    now = time(NULL);
    strftime(after, sizeof(after), "%Y-%m-%dT%H:%M:%S", gmtime(&now));
    srv_json_end(&line);
    line.bytes[line.size - 1] = '\0';
    assert_memory_equal(line.bytes, "{\"event\": \"some\", \"time\": \"", 26);
    assert_true(strncmp(line.bytes + 27, before, 19) >= 0 &&
                strncmp(line.bytes + 27, after, 19) <= 0);
    assert_memory_equal(line.bytes + 27 + 26, "Z\", \"monotonic_us\": ", 20);
    assert_true(strtoull(line.bytes + 27 + 46, NULL, 10) > 0);
}

/* Texts of the worst kind, each as long as any can be, and numbers of all digits. */
static void
the_longest_connection_has_all_its_members(void **state)
{
    static const char *const members[] = {
        "\"pid\": ",           "\"address\": ",        "\"port\": ",
        "\"local_address\": ", "\"local_port\": ",     "\"host_cut\": ",
        "\"ident_cut\": ",     "\"local_host_cut\": ", "\"verdict\": ",
        "\"struck\": ",        "\"live\": ",           "\"limit\": ",
        "\"decision_us\": ",   "\"lookup_us\": ",
    };
    static struct srv_config config = { .limit = SIZE_MAX };
    static struct srv_server server;
    const struct srv_exceeded exceeded = { .struck = SRV_STRUCK_RULE };
    struct postern_decision decision = srv_undecided();
    struct srv_endpoint end = { .port = 65535 };
    struct srv_client client;
    char text[1500];

    (void)state;
    memset(text, 1, sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    end.addr.family = 6;
    memset(end.addr.bytes, 0xff, sizeof(end.addr.bytes));
    srv_client_init(&client, -1, &end, true);
    client.local = end;
    memcpy(client.local_text, client.remote_text, sizeof(client.local_text));
    client.host = client.ident = client.local_host = text;
    client.decision_ns = client.lookup_ns = INT64_MAX;
    decision.limit =
        (struct postern_limit){ .n = UINT32_MAX, .per = { .v4 = 255, .v6 = 255 } };
    config.log_format = SRV_LOG_JSON;
    server.config = &config;
    server.pid = INT32_MAX;
    server.children.count = SIZE_MAX;
    srv_messages_begin(&server.log, "tcpserver", false, SRV_LOG_JSON);
    srv_message_refused(&server, &client, SRV_ADMIT_LIMIT, &decision, &exceeded);
    server.log.pending[server.log.size] = '\0';
    for (size_t i = 0; i < PN_COUNT_OF(members); i++)
        if (!strstr(server.log.pending, members[i]))
            fail_msg("%s: %s", members[i], server.log.pending);
    /* what a rule adds at most: step, file, line, target, policy */
    assert_true(server.log.size + strlen(", \"step\": \"any-host\"") +
                    2 * (strlen(", \"target_cut\": \"\"") + 200) +
                    strlen(", \"line\": 4294967295") +
                    strlen(", \"policy\": \"0123456789ab\"") <
                SRV_LINE_SIZE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_strings_of_json),
        cmocka_unit_test(a_nul_of_a_text_with_a_length_is_escaped),
        cmocka_unit_test(a_line_is_never_longer_than_a_line),
        cmocka_unit_test(every_line_has_its_event_and_both_clocks),
        cmocka_unit_test(the_longest_connection_has_all_its_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
