/* server/environ: what is inherited, what is known, what a rule assigns */
#include "tests/support/harness.h"

#include "server/environ.h"

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
    assert_true(srv_environ_init(&env, inherited));
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_values_take_the_place_of_earlier_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
