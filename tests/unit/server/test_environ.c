/* server/environ: inherited items, those of the connection, those of a rule */
#include "tests/support/harness.h"

#include "server/environ.h"
#include "server/proxy_header.h"

static struct srv_client
a_client(void)
{
    struct srv_client client = { .fd = -1, .host = "h.example", .ident = "joe" };

    client.remote.addr = (struct postern_addr){ 4, { 10, 1, 2, 3 } };
    client.remote.port = 40000;
    client.local.addr = (struct postern_addr){ 4, { 10, 0, 0, 1 } };
    client.local.port = 25;
    postern_addr_print(&client.remote.addr, client.remote_text);
    postern_addr_print(&client.local.addr, client.local_text);
    return client;
}

/* The value of the only item with this name; NULL for none. */
static const char *
value(char *const *items, const char *name)
{
    const char *found = NULL;

    for (; *items; items++)
        if (strncmp(*items, name, strlen(name)) == 0 && (*items)[strlen(name)] == '=') {
            assert_null(found);
            found = *items + strlen(name) + 1;
        }
    return found;
}

static void
later_values_take_the_place_of_earlier_ones(void **state)
{
    static const char rule[] = "10.1.2.3:allow,A=\"1\",PROTO=\"X\",B=\"\",A=\"2\"\n";
    static char *inherited[] = { "A=0", "TCPREMOTEINFO=forged", "KEPT=1", "AB=1",
                                 NULL };
    struct postern_rules *rules = pn_test_rules(rule, sizeof(rule) - 1);
    struct postern_decision decision = pn_test_decide(rules, "10.1.2.3", NULL, NULL);
    struct srv_client client = a_client();
    struct srv_environ env;

    (void)state;
    assert_true(srv_environ_init(&env, inherited, SRV_ENVIRON_SERVER));
    for (int i = 0; i < 3; i++) { /* one client leaves nothing to the next */
        char *const *items = srv_environ_build(&env, &client, NULL, decision.env);

        assert_non_null(items);
        assert_string_equal(value(items, "A"), "2");
        assert_string_equal(value(items, "AB"), "1");
        assert_string_equal(value(items, "B"), "");
        assert_string_equal(value(items, "KEPT"), "1");
        assert_string_equal(value(items, "PROTO"), "X");
        assert_string_equal(value(items, "TCPREMOTEIP"), "10.1.2.3");
        assert_string_equal(value(items, "TCP6REMOTEIP"), "::ffff:10.1.2.3");
        assert_string_equal(value(items, "TCPREMOTEPORT"), "40000");
        assert_string_equal(value(items, "TCPREMOTEHOST"), "h.example");
        assert_string_equal(value(items, "TCPREMOTEINFO"), "joe");
        assert_null(value(items, "TCPLOCALHOST"));
    }
    client.ident = NULL;
    assert_null(value(
        srv_environ_build(&env, &client, NULL, (struct postern_env_iter){ NULL, NULL }),
        "TCPREMOTEINFO"));
    srv_environ_clear(&env);
    postern_rules_close(rules);
}

/* One build after another, from rules that are closed in between. */
static void
what_one_rule_assigns_no_other_client_gets(void **state)
{
    static const struct {
        const char *rule, *a, *path, *set;
    } rows[] = {
        { ":allow\n", "inherited", "/bin", NULL },
        { ":allow,A=\"1\",PATH=\"/x\",NEW=\"n\"\n", "1", "/x", "n" },
        { ":allow\n", "inherited", "/bin", NULL },
        { ":allow,A=\"\"\n", "", "/bin", NULL },
        { ":allow,NEW=\"m\"\n", "inherited", "/bin", "m" },
        { ":allow,PATH=\"\",A=\"2\",A=\"3\"\n", "3", "", NULL },
        { ":allow\n", "inherited", "/bin", NULL },
    };
    static char *inherited[] = { "A=inherited", "B=1", "PATH=/bin", NULL };
    struct srv_client client = a_client();
    struct srv_environ env;

    (void)state;
    assert_true(srv_environ_init(&env, inherited, SRV_ENVIRON_SERVER));
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct postern_rules *rules = pn_test_rules(rows[i].rule, strlen(rows[i].rule));
        struct postern_decision d = pn_test_decide(rules, "10.1.2.3", NULL, NULL);
        char *const *items = srv_environ_build(&env, &client, NULL, d.env);

        assert_string_equal(value(items, "A"), rows[i].a);
        assert_string_equal(value(items, "B"), "1");
        assert_string_equal(value(items, "PATH"), rows[i].path);
        if (rows[i].set)
            assert_string_equal(value(items, "NEW"), rows[i].set);
        else
            assert_null(value(items, "NEW"));
        postern_rules_close(rules);
    }
    srv_environ_clear(&env);
}

/* Whoever looks a name up must not find what the rule replaced, wherever it looks. */
static void
a_name_that_was_inherited_twice_is_replaced_whole(void **state)
{
    static const char rule[] = ":allow,A=\"rule\"\n";
    static char *inherited[] = { "A=first", "B=1", "A=second", NULL };
    struct postern_rules *rules = pn_test_rules(rule, sizeof(rule) - 1);
    struct postern_decision decision = pn_test_decide(rules, "10.1.2.3", NULL, NULL);
    struct srv_client client = a_client();
    struct srv_environ env;

    (void)state;
    assert_true(srv_environ_init(&env, inherited, SRV_ENVIRON_SERVER));
    assert_string_equal(
        value(srv_environ_build(&env, &client, NULL, decision.env), "A"), "rule");
    srv_environ_clear(&env);
    postern_rules_close(rules);
}

/* A server keeps what its supervisor says; a process that becomes its program does not.
 */
static void
what_a_supervisor_says_is_for_one_process(void **state)
{
    static char *inherited[] = { "NOTIFY_SOCKET=@a", "WATCHDOG_USEC=1",
                                 "WATCHDOG_PID=",    "LISTEN_FDS=1",
                                 "LISTEN_NEW=1",     "NOTIFY_SOCKE=1",
                                 "NOTIFY_SOCKETS=1", "WATCHDOG=1",
                                 "XLISTEN_PID=1",    NULL };
    enum { KEPT_FROM = 5, COUNT = PN_COUNT_OF(inherited) - 1 };
    const struct postern_env_iter nothing = { NULL, NULL };
    struct srv_client client = a_client();

    (void)state;
    for (int classic = 0; classic < 2; classic++) {
        struct srv_environ env;
        char *const *items;

        assert_true(srv_environ_init(
            &env, inherited, classic ? SRV_ENVIRON_CLASSIC : SRV_ENVIRON_SERVER));
        items = srv_environ_build(&env, &client, NULL, nothing);
        assert_non_null(items);
        for (int i = classic ? 0 : KEPT_FROM; i < COUNT; i++)
            assert_string_equal(*items++, inherited[i]);
        assert_string_equal(*items, "PROTO=TCP");
        srv_environ_clear(&env);
    }
}

/*
 * What a balancer says is a client's own: one without it has none, nor one that the
 * server was started with. A server without balancers passes on what it has.
 */
static void
what_a_balancer_says_is_of_one_client(void **state)
{
    static char *inherited[] = { "SSL_PROTOCOL=SSLv2", "PROXY_UNIQUE_ID=0",
                                 "SSL_PROTOCOLS=all", NULL };
    const struct postern_env_iter nothing = { NULL, NULL };
    const struct srv_proxy_header header = {
        .texts = { [SRV_PROXY_SSL_CN] = "J Doe", [SRV_PROXY_UNIQUE_ID] = "7" }
    };
    struct srv_client client = a_client();
    struct srv_environ env;
    char *const *items;

    (void)state;
    assert_true(srv_environ_init(&env, inherited, SRV_ENVIRON_PROXIED));
    for (int round = 0; round < 4; round++) {
        client.header = round % 2 ? &header : NULL;
        items = srv_environ_build(&env, &client, NULL, nothing);
        assert_non_null(items);
        assert_null(value(items, "SSL_PROTOCOL"));
        assert_string_equal(value(items, "SSL_PROTOCOLS"), "all");
        if (!client.header) {
            assert_null(value(items, "PROXY_UNIQUE_ID"));
            assert_null(value(items, "SSL_PEER_CERT_CN"));
        } else {
            assert_string_equal(value(items, "PROXY_UNIQUE_ID"), "7");
            assert_string_equal(value(items, "SSL_PEER_CERT_CN"), "J Doe");
        }
    }
    srv_environ_clear(&env);
    assert_true(srv_environ_init(&env, inherited, SRV_ENVIRON_SERVER));
    client.header = NULL;
    items = srv_environ_build(&env, &client, NULL, nothing);
    assert_string_equal(value(items, "SSL_PROTOCOL"), "SSLv2");
    srv_environ_clear(&env);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_supervisor_says_is_for_one_process),
        cmocka_unit_test(what_a_balancer_says_is_of_one_client),
        cmocka_unit_test(later_values_take_the_place_of_earlier_ones),
        cmocka_unit_test(what_one_rule_assigns_no_other_client_gets),
        cmocka_unit_test(a_name_that_was_inherited_twice_is_replaced_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
