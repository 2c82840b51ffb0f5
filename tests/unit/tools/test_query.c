/* tools/input/query, query_json and query_daemons: lines of text to queries */
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
query_text(const struct postern_query *q, char *text, size_t size)
{
    char address[POSTERN_ADDR_TEXT_SIZE];

    postern_addr_print(&q->remote, address);
    snprintf(text, size, "%.*s%s%s%s%.*s", (int)q->ident.len,
             q->ident.ptr ? q->ident.ptr : "", q->ident.ptr ? "@" : "", address,
             q->host.ptr ? " =" : "", (int)q->host.len, q->host.ptr ? q->host.ptr : "");
}

static void
lines_are_read_as_queries(void **state)
{
    struct pn_query_line out = { 0 };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(lines); i++) {
        char text[256];

        pn_query_parse(&out, (struct pn_str){ lines[i].line, strlen(lines[i].line) });
        query_text(&out.query, text, sizeof(text));
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

#define XINETD "Mar  1 12:00:00 host xinetd[26916]: "
#define FTPD "2026-03-01T12:00:00.5+01:00 host in.ftpd[7]: "
#define SSHD "Mar  1 12:00:00 host sshd[7]: "
#define SVD "tcpsvd: info: "

/* What other servers write: the line, whose it is, the client, and what became of it.
 */
static const struct {
    const char *line, *service, *query; /* as above */
    enum pn_log_writer writer;
    bool denied, start;
} daemons[] = {
    { "udpserver: ok 77 0:127.0.0.1:53 :10.1.2.3::4321", "", "10.1.2.3", PN_LOG_SERVER,
      false, false },
    { XINETD "START: ftp pid=26994 from=10.1.2.3", "ftp", "10.1.2.3", PN_LOG_XINETD,
      false, true },
    { XINETD "START: ftp from=::ffff:10.1.2.3", "ftp", "10.1.2.3", PN_LOG_XINETD, false,
      true },
    { XINETD "START: ftp pid=26994", "ftp", "!", PN_LOG_XINETD, false, true },
    { XINETD "START: ftp from=<no address>", "ftp", "!", PN_LOG_XINETD, false, true },
    { XINETD "FAIL: ftp address from=2001:db8::1", "ftp", "2001:db8::1", PN_LOG_XINETD,
      true, false },
    { XINETD "FAIL: ftp libwrap from=10.1.2.3", "ftp", "10.1.2.3", PN_LOG_XINETD, true,
      false },
    { XINETD "FAIL: ftp per_source_limit from=10.1.2.3", "ftp", NULL, PN_LOG_XINETD,
      true, false },
    { XINETD "FAIL: ftp connections per second from=10.1.2.3", "ftp", NULL,
      PN_LOG_XINETD, true, false },
    { XINETD "FAIL: ftp address", "ftp", NULL, PN_LOG_XINETD, true, false },
    { "26/3/1@12:00:00: START: a pid=1 from=10.1.2.3", "a", "10.1.2.3", PN_LOG_XINETD,
      false, true },
    { "26/3/1@12:00:00: FAIL: a address from=10.1.2.3", "a", "10.1.2.3", PN_LOG_XINETD,
      true, false },
    { FTPD "connect from 10.1.2.3", "in.ftpd", "10.1.2.3", PN_LOG_WRAPPER, false,
      false },
    { FTPD "connect from 10.1.2.3 (10.1.2.3)", "in.ftpd", "10.1.2.3", PN_LOG_WRAPPER,
      false, false },
    { FTPD "connect from joe@mx.example.com (::ffff:10.1.2.3)", "in.ftpd",
      "joe@10.1.2.3 =mx.example.com", PN_LOG_WRAPPER, false, false },
    { FTPD "refused connect from unknown@2001:db8::1 (2001:db8::1)", "in.ftpd",
      "2001:db8::1", PN_LOG_WRAPPER, true, false },
    { FTPD "refused connect from mx.example.com", "in.ftpd", "!", PN_LOG_WRAPPER, true,
      false },
    { "<30>Mar  1 12:00:00 inetd[9]: connection from mx.example.com (10.1.2.3), "
      "service in.rshd (tcp)",
      "in.rshd", "10.1.2.3 =mx.example.com", PN_LOG_WRAPPER, false, false },
    { "Mar  1 12:00:00 host inetd[9]: refused connection from 10.1.2.3, service ftpd "
      "(tcp6)",
      "ftpd", "10.1.2.3", PN_LOG_WRAPPER, true, false },
    { SSHD "refused connect from 10.1.2.3 (10.1.2.3)", "sshd", "10.1.2.3",
      PN_LOG_WRAPPER, true, false },
    { SSHD "Accepted publickey for root from 10.1.2.3 port 4 ssh2: RSA SHA256:x",
      "sshd", "10.1.2.3", PN_LOG_LOGIN, false, false },
    { "Mar  1 12:00:00 h sshd-session[7]: Accepted password for a@b from ::1 port 4 "
      "ssh2",
      "sshd", "::1", PN_LOG_LOGIN, false, false },
    { SVD "start 7 :127.0.0.1 ::10.1.2.3:4 ./peers/0", "", "10.1.2.3", PN_LOG_SERVER,
      false, false },
    { "@4000 " SVD "exec 7 lo:127.0.0.1 :mx.example.com:10.1.2.3:4 ./peers/0", "",
      "10.1.2.3 =mx.example.com", PN_LOG_SERVER, false, false },
    { "udpsvd: info: deny 7 :127.0.0.1 ::10.1.2.3:4 ./peers/10", "", "10.1.2.3",
      PN_LOG_SERVER, true, false },
    { "s6-tcpserver-access: info: allow pid 7 ip 10.1.2.3", "", "10.1.2.3",
      PN_LOG_SERVER, false, false },
    { "s6-tcpserver-access: info: deny pid 7 ip ::1", "", "::1", PN_LOG_SERVER, true,
      false },
};

/* Lines that look alike, and are of somebody else or tell of no connection. */
static const char *const strangers[] = {
    "Mar  1 12:00:00 h postfix/smtpd[7]: connect from mx.example.com[10.1.2.3]",
    "Mar  1 12:00:00 h rpcbind[7]: connect from 10.1.2.3 to getport(nfs)",
    "Mar  1 12:00:00 h in.ftpd[7]: refused connect from 10.1.2.3 with IP options",
    "in.ftpd: connect from 10.1.2.3",
    "in.ftpd[x]: connect from 10.1.2.3",
    "in.ftpd[]: connect from 10.1.2.3",
    "Mar  1 12:00:00 h in.ftpd[7]: connect from ",
    "Mar  1 12:00:00 h su[7]: START: ftp from=10.1.2.3",
    "xinetd: START: ftp from=10.1.2.3",
    "26/3@12:00:00: START: a from=10.1.2.3",
    "x 26/3/1@12:00:00: START: a from=10.1.2.3",
    "Mar  1 12:00:00 h inetd[7]: connection from 10.1.2.3 service x (tcp)",
    SSHD "Accepted password for root from mx.example.com port 4 ssh2",
    SSHD "Accepted password for root from 10.1.2.3",
    SSHD "Failed password for root from 10.1.2.3 port 4 ssh2",
    SVD "pid 7 from 10.1.2.3",
    SVD "start 7 :127.0.0.1 10.1.2.3:4",
    SVD "start",
    "s6-tcpserver-access: info: allow pid 7 of 10.1.2.3",
    ": connect from 10.1.2.3",
    ": ",
};

static void
lines_of_other_servers_are_read(void **state)
{
    struct pn_query_line out = { 0 };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(daemons); i++) {
        const char *line = daemons[i].line, *query = daemons[i].query;
        const enum pn_query_kind kind = !query                    ? PN_QUERY_NONE
                                        : strcmp(query, "!") == 0 ? PN_QUERY_FAULTY
                                                                  : PN_QUERY_READ;
        char text[256];

        pn_query_parse(&out, (struct pn_str){ line, strlen(line) });
        query_text(&out.query, text, sizeof(text));
        if (out.kind != kind || (kind == PN_QUERY_READ && strcmp(text, query) != 0))
            fail_msg("%s: read as %d %s", line, out.kind, text);
        if (!out.is_log || !pn_str_is(out.service, daemons[i].service) ||
            out.writer != daemons[i].writer || out.was_denied != daemons[i].denied ||
            out.is_start != daemons[i].start)
            fail_msg("%s: of %.*s, %d %d %d %d", line, (int)out.service.len,
                     out.service.ptr, out.is_log, out.writer, out.was_denied,
                     out.is_start);
    }
    for (size_t i = 0; i < PN_COUNT_OF(strangers); i++) {
        pn_query_parse(&out, (struct pn_str){ strangers[i], strlen(strangers[i]) });
        if (out.is_log || out.kind != PN_QUERY_FAULTY || out.service.len)
            fail_msg("%s: is no line of a log that is known", strangers[i]);
    }
    pn_buffer_free(&out.decoded);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_other_servers_are_read),
        cmocka_unit_test(lines_are_read_as_queries),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
