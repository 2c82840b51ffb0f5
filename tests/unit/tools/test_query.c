/* tools/query and query_json: lines of text to queries */
#include "tests/support/harness.h"

#include <stdio.h>

#include "tools/input/query.h"

static const struct {
    const char *line;
    const char *query; /* ident@address =host; NULL: none; "!": faulty */
} lines[] = {
    { "", NULL },
    { "# comment", NULL },
    { "10.1.2.3", "10.1.2.3" },
    { "10.1.2.3\r", "10.1.2.3" },
    { "10.1.2.3\t-\t-", "10.1.2.3" },
    { "10.1.2.3\tmx.example.com", "10.1.2.3 =mx.example.com" },
    { "::ffff:10.1.2.3\t-\tjoe", "joe@10.1.2.3" },
    { "2001:DB8::1\th\tj k", "j k@2001:db8::1 =h" },
    { "10.1.2.3\ta\tb\tc", "!" },
    { "10.1.2", "!" },
    { "\thost", "!" },
    { "10.1.2.3 host", "!" },
    { "{\"address\": \"10.1.2.3\"}", "10.1.2.3" },
    { " {\"address\": \"10.1.2.3\"}", "!" },
    { "{\"host\":\"h\",\"ident\":\"\",\"address\":\"::1\"}", "@::1 =h" },
    { "{\"address\":\"::1\",\"host\":null,\"n\":[1,{\"a\":\"]\"}],\"t\":true}", "::1" },
    { "{\"address\":\"\\u0031.2.3.4\",\"host\":\"\\u00e9\\ud83d\\ude00\"}",
      "1.2.3.4 =\xc3\xa9\xf0\x9f\x98\x80" },
    { "{\"address\":\"1.2.3.4\",\"host\":\"\\udcff\\t\\/\"}", "1.2.3.4 =\xff\t/" },
    { "{}", "!" },
    { "{\"address\":1}", "!" },
    { "{\"address\":\"1.2.3.4\"", "!" },
    { "{\"address\":\"1.2.3.4\"} x", "!" },
    { "{\"address\":\"1.2.3.4\",}", "!" },
    { "{\"address\":\"1.2.3.4", "!" },
    { "{\"address\":\"1.2.3.4\",\"host\":\"\\ud83d\"}", "!" },
    { "{\"address\":\"1.2.3.4\",\"host\":\"\\q\"}", "!" },
    { "{\"address\":\"1.2.3.4\",\"host\":\"\\u12g4\"}", "!" },
    { "{\"address\" \"1.2.3.4\"}", "!" },
    { "{\"a\":]}", "!" },
    { "tcpserver: status: 1/40", NULL },
    { "tcpserver: pid 77 from 10.1.2.3", NULL },
    { "tcpserver: end 77 status 256", NULL },
    { "tcpserver: ok 77 0:127.0.0.1:25 mx.example.com:10.1.2.3:joe:4321",
      "joe@10.1.2.3 =mx.example.com" },
    { "@400000004b0c tcpserver: deny 77 0:::ffff:127.0.0.1:25 :::ffff:10.1.2.3::4321",
      "10.1.2.3" },
    { "tcpserver: ok 77 lo:::1:25 lo:::1::4321", "::1 =lo" },
    { "tcpserver: ok 77 lo:::1:25 :2001:db8::7:joe:4321", "joe@2001:db8::7" },
    { "tcpserver: ok 77 lo:::1:25", "!" },
    { "tcpserver: ok 77 lo:::1:25 nonsense", "!" },
    { "tcpserver: ok 77 lo:::1:25 h:notanaddress:x:1", "!" },
/* the log that machines read */
#define LOG "\"monotonic_us\": 1, \"address\": \"10.1.2.3\""
    { "{\"event\": \"connection\", " LOG ", \"verdict\": \"allow\"}", "10.1.2.3" },
    { "{\"event\": \"connection\", " LOG ", \"verdict\": \"deny\", \"host\": "
      "\"a?\", \"ident\": \"\"}",
      "@10.1.2.3 =a?" },
    { "@4000 {\"event\": \"connection\", " LOG ", \"verdict\": \"allow\"}",
      "10.1.2.3" },
    { "{\"event\": \"connection\", " LOG ", \"verdict\": \"limit\"}", NULL },
    { "{\"event\": \"connection\", " LOG ", \"verdict\": \"rate\"}", NULL },
    { "{\"event\": \"connection\", " LOG "}", NULL },
    { "{\"event\": \"drop\", " LOG ", \"verdict\": \"allow\"}", NULL },
    { "{\"event\": \"warning\", \"monotonic_us\": 1, \"text\": \"tcpserver: ok 77 "
      "lo:::1:25 lo:::1::4321\"}",
      NULL },
    { "{\"event\": \"connection\", " LOG ", \"verdict\": \"allow\", \"host_cut\": "
      "\"a\"}",
      "!" },
    { "{\"event\": \"connection\", " LOG ", \"verdict\": \"allow\", \"ident_cut\": "
      "\"a\"}",
      "!" },
    { "{\"event\": \"connection\", \"monotonic_us\": 1, \"verdict\": \"allow\"}", "!" },
    /* a line of the other kind that holds one, and objects of somebody else */
    { "tcpserver: ok 77 lo:::1:25 lo:::1:{\"event\": \"connection\":4321",
      "{\"event\"@::1 =lo" },
    { "{\"event\": \"login\", \"address\": \"::1\"}", "::1" },
    { "{\"event\": 7, \"verdict\": [\"a\"], \"address\": \"::1\"}", "::1" },
};

static void
lines_are_read_as_queries(void **state)
{
    struct pn_query_line out = { 0 };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(lines); i++) {
        char address[POSTERN_ADDR_TEXT_SIZE], text[256];
        struct postern_query *q = &out.query;

        pn_query_parse(&out, (struct pn_str){ lines[i].line, strlen(lines[i].line) });
        postern_addr_print(&q->remote, address);
        snprintf(text, sizeof(text), "%.*s%s%s%s%.*s", (int)q->ident.len,
                 q->ident.ptr ? q->ident.ptr : "", q->ident.ptr ? "@" : "", address,
                 q->host.ptr ? " =" : "", (int)q->host.len,
                 q->host.ptr ? q->host.ptr : "");
        if (!lines[i].query) {
            if (out.kind != PN_QUERY_NONE)
                fail_msg("%s: is no query", lines[i].line);
        } else if (strcmp(lines[i].query, "!") == 0) {
            if (out.kind != PN_QUERY_FAULTY || !out.fault)
                fail_msg("%s: is faulty", lines[i].line);
        } else if (out.kind != PN_QUERY_READ || strcmp(text, lines[i].query) != 0) {
            fail_msg("%s: read as %s", lines[i].line, text);
        }
    }
    pn_buffer_free(&out.decoded);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_as_queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
