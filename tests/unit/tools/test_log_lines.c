/* server/messages beside tools/query: a client that is read back from a log is the one
 * that was written, whatever it calls itself */
#define _GNU_SOURCE
#include "tests/support/harness.h"
#include "tests/support/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/messages.h"
#include "server/server.h"
#include "tools/input/query.h"

enum { CLIENTS = 200000, IDENT_MOST = 260 };

/* Bytes that make trouble, and others. */
static char
any_byte(uint64_t *seed)
{
    static const char odd[] = ":::::.%?@= \t\\\x1b\x7f\xff-1234567890abcdef";
    uint64_t number = pn_test_pick(seed, 1u << 30);

    return number % 4 ? odd[(number >> 8) % (sizeof(odd) - 1)]
                      : (char)(1 + (number >> 8) % 255);
}

static void
any_text(uint64_t *seed, char *out, size_t most)
{
    size_t size = pn_test_pick(seed, 1u << 30) % 8
                      ? pn_test_pick(seed, 1u << 30) % 12
                      : pn_test_pick(seed, 1u << 30) % most;

    for (size_t i = 0; i < size; i++)
        out[i] = any_byte(seed);
    out[size] = '\0';
}

/* As names of answers are spelt: server/dns_answer.c. */
static void
any_host(uint64_t *seed, char *out, size_t most)
{
    static const char letters[] = "abcxyz019-_..";
    size_t size =
        pn_test_pick(seed, 1u << 30) % (pn_test_pick(seed, 1u << 30) % 8 ? 20 : most);

    for (size_t i = 0; i < size; i++)
        out[i] = letters[pn_test_pick(seed, 1u << 30) % (sizeof(letters) - 1)];
    out[size] = '\0';
}

static struct srv_endpoint
any_end(uint64_t *seed)
{
    struct srv_endpoint end = { .port = (uint16_t)(1 + pn_test_pick(seed, 60000)) };
    bool six = pn_test_pick(seed, 1u << 30) % 2;

    end.addr.family = six ? 6 : 4;
    for (size_t i = 0; i < (six ? 16u : 4u); i++)
        end.addr.bytes[i] = pn_test_pick(seed, 1u << 30) % 2
                                ? 0
                                : (uint8_t)(pn_test_pick(seed, 1u << 30) % 256);
    if (six)
        end.addr.bytes[0] = 0x20; /* a mapped one is an IPv4 client */
    return end;
}

/* An empty ident is none in a classic log. */
static bool
same(struct postern_str read, const char *written, enum srv_log_format format)
{
    size_t size = written ? strlen(written) : 0;

    return read.len == size && (!size || memcmp(read.ptr, written, size) == 0) &&
           (format == SRV_LOG_CLASSIC || (read.ptr != NULL) == (written != NULL));
}

/* The line that a server writes, without its newline. */
static struct pn_str
line_of(struct srv_server *server, const struct srv_client *client)
{
    struct postern_decision decision = srv_undecided();
    struct srv_log *log = &server->log;

    log->size = 0;
    if (server->config->log_format == SRV_LOG_JSON)
        srv_message_served(server, 77, client, &decision);
    else
        srv_message_verdict(log, "ok", 77, client);
    assert_true(log->size > 1 && log->size <= SRV_LINE_SIZE);
    assert_ptr_equal(memchr(log->pending, '\n', log->size),
                     log->pending + log->size - 1);
    return (struct pn_str){ log->pending, log->size - 1 };
}

static void
check(enum srv_log_format format, bool odd_hosts)
{
    static struct srv_config config;
    static struct srv_server server;
    struct pn_query_line line = { 0 };
    uint64_t seed = 7, read = 0;

    config.log_format = (int)format;
    server.config = &config;
    srv_messages_begin(&server.log, "tcpserver", false, format);
    for (int i = 0; i < CLIENTS; i++) {
        char host[IDENT_MOST], ident[IDENT_MOST];
        struct srv_endpoint remote = any_end(&seed);
        struct srv_client client;

        srv_client_init(&client, -1, &remote, false);
        client.local = any_end(&seed);
        (odd_hosts ? any_text : any_host)(&seed, host, sizeof(host));
        any_text(&seed, ident, sizeof(ident));
        client.host = pn_test_pick(&seed, 1u << 30) % 3 ? host : NULL;
        client.ident = pn_test_pick(&seed, 1u << 30) % 3 ? ident : NULL;
        pn_query_parse(&line, line_of(&server, &client));
        if (line.kind == PN_QUERY_FAULTY)
            continue;
        read++;
        assert_int_equal(line.kind, PN_QUERY_READ);
        assert_true(line.is_log);
        if (line.query.remote.family != remote.addr.family ||
            memcmp(line.query.remote.bytes, remote.addr.bytes,
                   remote.addr.family == 4 ? 4 : 16) != 0 ||
            !same(line.query.host, client.host, format) ||
            !same(line.query.ident, client.ident, format))
            fail_msg("%.*s", (int)server.log.size, server.log.pending);
    }
    assert_true(read > (format == SRV_LOG_JSON ? CLIENTS * 9 / 10 : CLIENTS / 3));
    pn_buffer_free(&line.decoded);
}

static void
a_client_is_read_back_as_itself_or_not_at_all(void **state)
{
    (void)state;
    check(SRV_LOG_CLASSIC, false);
}

/* Here only what was cut is not read back. */
static void
so_it_is_from_a_log_that_machines_read(void **state)
{
    (void)state;
    check(SRV_LOG_JSON, false);
    check(SRV_LOG_JSON, true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_is_read_back_as_itself_or_not_at_all),
        cmocka_unit_test(so_it_is_from_a_log_that_machines_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
