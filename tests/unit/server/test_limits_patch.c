/* server/limits_patch, admit: limits by variables, and the places that they count */
#include "tests/support/harness.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/limits_patch.h"
#include "server/peer.h"

/* A server with its variables, and the clients that it serves. */
struct world {
    struct srv_counters counters;
    struct srv_limits_patch patch;
    struct srv_children children;
    struct postern_rules *rules;
    pid_t next;
    char load[64]; /* of a file in the place of /proc/loadavg */
};

static void
load_put(struct world *world, const char *text)
{
    FILE *file = fopen(world->load, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    world->patch.load.until_ms = 0; /* a second is over */
}

static void
begin(struct world *world, const char *rules)
{
    static const char none[] = "postern: 1\n* : allow\n";
    int fd;

    *world = (struct world){ .next = 100, .load = "/tmp/postern-load-XXXXXX" };
    assert_true(srv_limits_init(&world->counters.live));
    srv_rates_init(&world->counters.rates);
    srv_limits_patch_begin(&world->patch, NULL);
    world->counters.patch = &world->patch;
    fd = mkstemp(world->load);
    assert_true(fd >= 0);
    close(fd);
    world->patch.load.path = world->load;
    load_put(world, "0.00 0.00 0.00 1/2 3\n");
    world->rules =
        pn_test_rules(rules ? rules : none, rules ? strlen(rules) : sizeof(none) - 1);
}

static struct srv_client
client_of(const char *address)
{
    struct srv_endpoint remote = { .port = 1 };
    struct srv_client client;

    assert_true(postern_addr_parse(address, strlen(address), &remote.addr));
    srv_client_init(&client, -1, &remote, false);
    return client;
}

static enum srv_admission
decide(struct world *world, struct srv_client *client, uint32_t unknown)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct srv_exceeded exceeded;

    return srv_admit(&world->counters, world->rules, client, unknown, &decision,
                     &exceeded);
}

static void
stay(struct world *world, const struct srv_client *client)
{
    struct srv_peer peer = srv_peer_of(client);
    struct srv_child child = { .pid = world->next++,
                               .peer = srv_peer_copy(&peer),
                               .held = client->held };

    assert_non_null(child.peer);
    assert_true(srv_children_reserve(&world->children));
    srv_children_add(&world->children, &child);
}

/* A client connects, and stays when it is allowed. */
static enum srv_admission
come(struct world *world, const char *address)
{
    struct srv_client client = client_of(address);
    enum srv_admission admission = decide(world, &client, 0);

    if (admission == SRV_ADMIT_ALLOW)
        stay(world, &client);
    else
        srv_admit_release(&world->counters, &client.held);
    return admission;
}

static void
leave(struct world *world, pid_t pid)
{
    struct srv_child child;

    assert_true(srv_children_take(&world->children, pid, &child));
    srv_admit_release(&world->counters, &child.held);
    free(child.peer);
}

static void
rules_put(struct world *world, const char *text)
{
    postern_rules_close(world->rules);
    world->rules = text ? pn_test_rules(text, strlen(text)) : NULL;
    srv_admit_recount(&world->counters, world->rules, &world->children);
}

static void
end(struct world *world)
{
    while (world->next > 100)
        if (srv_children_next(&world->children, NULL))
            leave(world, srv_children_next(&world->children, NULL)->pid);
        else
            break;
    assert_int_equal(world->counters.live.count, 0); /* every place was given back */
    srv_children_clear(&world->children);
    srv_limits_clear(&world->counters.live);
    srv_rates_clear(&world->counters.rates);
    postern_rules_close(world->rules);
    unlink(world->load);
}

static void
a_number_is_the_digits_at_the_front(void **state)
{
    static const struct {
        const char *text;
        uint32_t number;
    } rows[] = {
        { "5", 5 },
        { "0", 0 },
        { "", 0 },
        { "abc", 0 },
        { " 5", 0 },
        { "-1", 0 },
        { "3.50", 3 },
        { "350load", 350 },
        { "007", 7 },
        { "4294967295", UINT32_MAX },
        { "4294967296", UINT32_MAX },
        { "99999999999999999999999", UINT32_MAX },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++)
        if (srv_patch_number(pn_str_of_text(rows[i].text)) != rows[i].number)
            fail_msg("\"%s\"", rows[i].text);
}

static void
a_load_is_hundredths_and_is_read_once_a_second(void **state)
{
    static const struct {
        const char *text;
        bool fine;
        uint32_t hundredths;
    } rows[] = {
        { "0.42 0.36 0.30 1/123 4567\n", true, 42 },
        { "13.08 3.04 1.00 34/170 14190\n", true, 1308 },
        { "3.5 0 0", true, 350 },
        { "3.509 0 0", true, 350 },
        { "123456.99", true, 12345699 },
        { "1234567.99", false, 0 },
        { "", false, 0 },
        { "3", false, 0 },
        { "3. 1", false, 0 },
        { ".5", false, 0 },
        { "-1.00", false, 0 },
        { "nan", false, 0 },
    };
    struct world world;
    uint32_t got;

    (void)state;
    begin(&world, NULL);
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        load_put(&world, rows[i].text);
        got = 7;
        if (srv_load_read(&world.patch.load, 1000, &got) != rows[i].fine)
            fail_msg("\"%s\"", rows[i].text);
        if (rows[i].fine)
            assert_int_equal(got, rows[i].hundredths);
    }
    load_put(&world, "1.00 ");
    assert_true(srv_load_read(&world.patch.load, 5000, &got));
    unlink(world.load);
    assert_true(srv_load_read(&world.patch.load, 5999, &got)); /* as it was read */
    assert_int_equal(got, 100);
    assert_false(srv_load_read(&world.patch.load, 6000, &got));
    assert_int_equal(errno, ENOENT);
    assert_false(srv_load_read(&world.patch.load, 6999, &got));
    load_put(&world, "2.00 ");
    assert_true(srv_load_read(&world.patch.load, 7000, &got));
    end(&world);
}

/* Clients who are served come; then one, who is answered. */
static const struct {
    const char *label, *rules;
    const char *live[4];
    const char *comes;
    enum srv_admission answer;
    const char *says;
} counted[] = {
    { "the last that is allowed",
      "* : allow, MAXCONNIP=\"3\"\n",
      { "10.1.1.1", "10.1.1.1" },
      "10.1.1.1",
      SRV_ADMIT_ALLOW,
      NULL },
    { "one more",
      "* : allow, MAXCONNIP=\"3\"\n",
      { "10.1.1.1", "10.1.1.1", "10.1.1.1" },
      "10.1.1.1",
      SRV_ADMIT_PATCH,
      "MAXCONNIP:3" },
    { "another address",
      "* : allow, MAXCONNIP=\"1\"\n",
      { "10.1.1.1" },
      "10.1.1.2",
      SRV_ADMIT_ALLOW,
      NULL },
    { "0 refuses everybody",
      "* : allow, MAXCONNIP=\"0\"\n",
      { NULL },
      "10.1.1.1",
      SRV_ADMIT_PATCH,
      "MAXCONNIP:0" },
    { "and so does no number",
      "* : allow, MAXCONNC=\"many\"\n",
      { NULL },
      "10.1.1.1",
      SRV_ADMIT_PATCH,
      "MAXCONNC:0" },
    { "a network",
      "* : allow, MAXCONNC=\"2\"\n",
      { "10.1.1.1", "10.1.1.2" },
      "10.1.1.3",
      SRV_ADMIT_PATCH,
      "MAXCONNC:2" },
    { "another network",
      "* : allow, MAXCONNC=\"2\"\n",
      { "10.1.1.1", "10.1.1.2" },
      "10.1.2.3",
      SRV_ADMIT_ALLOW,
      NULL },
    { "both are full: the address is told",
      "* : allow, MAXCONNIP=\"1\", MAXCONNC=\"1\"\n",
      { "10.1.1.1" },
      "10.1.1.1",
      SRV_ADMIT_PATCH,
      "MAXCONNIP:1" },
    { "whoever came by another rule counts",
      "10.1.1.1 : allow\n* : allow, MAXCONNC=\"2\"\n",
      { "10.1.1.1", "10.1.1.1" },
      "10.1.1.9",
      SRV_ADMIT_PATCH,
      "MAXCONNC:2" },
    { "IPv6 by its /64",
      "* : allow, MAXCONNIP=\"1\"\n",
      { "2001:db8::1" },
      "2001:db8::2",
      SRV_ADMIT_PATCH,
      "MAXCONNIP:1" },
    { "and its /48",
      "* : allow, MAXCONNC=\"1\"\n",
      { "2001:db8::1" },
      "2001:db8:0:1::2",
      SRV_ADMIT_PATCH,
      "MAXCONNC:1" },
    { "which is no /32",
      "* : allow, MAXCONNC=\"1\"\n",
      { "2001:db8::1" },
      "2001:db8:1::2",
      SRV_ADMIT_ALLOW,
      NULL },
    { "a family is none of the other",
      "* : allow, MAXCONNC=\"1\"\n",
      { "::10.1.1.1" },
      "10.1.1.1",
      SRV_ADMIT_ALLOW,
      NULL },
    { "a denial needs no limit",
      "10.0.0.0/8 : deny\n* : allow, MAXCONNIP=\"0\"\n",
      { NULL },
      "10.1.1.1",
      SRV_ADMIT_DENY,
      NULL },
    { "the rule's own limit is asked too",
      "* : allow, limit 1, MAXCONNIP=\"5\"\n",
      { "10.1.1.1" },
      "10.1.1.1",
      SRV_ADMIT_LIMIT,
      NULL },
};

static void
counted_by_address_and_network_whatever_their_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(counted); i++) {
        struct srv_line line = { .size = 0 };
        enum srv_admission answer;
        struct world world;
        char text[256];

        snprintf(text, sizeof(text), "postern: 1\n%s", counted[i].rules);
        begin(&world, text);
        for (size_t c = 0; c < 4 && counted[i].live[c]; c++)
            assert_int_equal(come(&world, counted[i].live[c]), SRV_ADMIT_ALLOW);
        answer = come(&world, counted[i].comes);
        if (answer != counted[i].answer)
            fail_msg("%s: %d", counted[i].label, answer);
        srv_limits_patch_say(&world.patch, &line);
        line.bytes[line.size] = '\0';
        if (counted[i].says)
            assert_string_equal(line.bytes, counted[i].says);
        end(&world);
    }
}

static void
places_come_back_and_outlive_a_reload(void **state)
{
    static const char two[] = "postern: 1\n* : allow, MAXCONNIP=\"2\"\n";
    struct world world;

    (void)state;
    begin(&world, "postern: 1\n* : allow\n");
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_ALLOW);
    rules_put(&world, two); /* whoever came before is counted */
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_ALLOW);
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_PATCH);
    rules_put(&world, NULL); /* rules are broken, or missing */
    rules_put(&world, two);
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_PATCH);
    leave(&world, 100);
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_ALLOW);
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_PATCH);
    end(&world);
}

/* Decided before its look-ups and after them: counted once, and not by others since. */
static void
a_client_that_is_looked_up_is_asked_once(void **state)
{
    static const char rules[] =
        "postern: 1\n10.1.1.1 : allow, MAXCONNC=\"1\"\n* : allow\n";
    struct srv_client first = client_of("10.1.1.1"), second = client_of("10.1.1.1");
    struct world world;

    (void)state;
    begin(&world, rules);
    assert_int_equal(decide(&world, &first, POSTERN_NEEDS_HOST), SRV_ADMIT_UNSURE);
    assert_int_equal(decide(&world, &second, POSTERN_NEEDS_HOST), SRV_ADMIT_PATCH);
    assert_int_equal(come(&world, "10.1.1.2"), SRV_ADMIT_ALLOW);
    assert_int_equal(decide(&world, &first, 0), SRV_ADMIT_ALLOW);
    /* what it holds is none of its own limit, when other rules ask again */
    rules_put(&world, "postern: 1\n* : allow, MAXCONNC=\"2\"\n");
    assert_int_equal(decide(&world, &first, 0), SRV_ADMIT_ALLOW);
    rules_put(&world, "postern: 1\n10.1.0.0/16 : allow, MAXCONNC=\"1\"\n* : allow\n");
    assert_int_equal(decide(&world, &first, 0), SRV_ADMIT_PATCH);
    srv_admit_release(&world.counters, &first.held);
    end(&world);
}

static void
a_load_refuses_above_it(void **state)
{
    struct srv_line line = { .size = 0 };
    struct world world;

    (void)state;
    begin(&world, "postern: 1\n10.0.0.0/8 : allow, MAXLOAD=\"0\"\n"
                  "* : allow, MAXLOAD=\"350\", MAXCONNIP=\"0\"\n");
    load_put(&world, "3.50 9 9");
    assert_int_equal(come(&world, "192.0.2.1"), SRV_ADMIT_PATCH); /* the next in turn */
    load_put(&world, "3.51 9 9");
    assert_int_equal(come(&world, "192.0.2.1"), SRV_ADMIT_LOAD);
    srv_limits_patch_say(&world.patch, &line);
    line.bytes[line.size] = '\0';
    assert_string_equal(line.bytes, "MAXLOAD:351"); /* what it is, not the limit */
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_ALLOW);
    load_put(&world, "nonsense");
    assert_int_equal(come(&world, "192.0.2.1"), SRV_ADMIT_PATCH);
    end(&world);
}

static void
messages_are_of_the_limit_before_all(void **state)
{
    static const struct {
        const char *env, *message;
    } rows[] = {
        { "DIEMSG=\"421 no\"", "421 no\r\n" },
        { "DIEMSG_MAXCONNIP=\"421 ip\"", "421 ip\r\n" },
        { "DIEMSG=\"421 no\", DIEMSG_MAXCONNIP=\"421 ip\"", "421 ip\r\n" },
        { "DIEMSG=\"421 no\", DIEMSG_MAXCONNC=\"421 c\"", "421 no\r\n" },
        { "DIEMSG=\"421 no\", DIEMSG_MAXCONNIP=\"\"", "421 no\r\n" },
        { "DIEMSG=\"\"", NULL },
        { "OTHER=\"x\"", NULL },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct pn_buffer text = { 0 };
        struct world world;
        char rules[256];

        snprintf(rules, sizeof(rules), "postern: 1\n* : allow, MAXCONNIP=\"0\", %s\n",
                 rows[i].env);
        begin(&world, rules);
        assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_PATCH);
        if (srv_limits_patch_message(&world.patch, &text) != (rows[i].message != NULL))
            fail_msg("%s", rows[i].env);
        if (rows[i].message) {
            assert_int_equal(text.size, strlen(rows[i].message));
            assert_memory_equal(text.bytes, rows[i].message, text.size);
        }
        pn_buffer_free(&text);
        end(&world);
    }
}

static void
the_servers_own_variables_hold_where_a_rule_has_none(void **state)
{
    struct pn_buffer text = { 0 };
    struct world world;

    (void)state;
    assert_int_equal(setenv("MAXCONNIP", "1", 1), 0);
    assert_int_equal(setenv("DIEMSG", "421 own", 1), 0);
    begin(&world, "postern: 1\n10.0.0.0/8 : allow, MAXCONNIP=\"2\"\n* : allow\n");
    assert_int_equal(come(&world, "192.0.2.1"), SRV_ADMIT_ALLOW);
    assert_int_equal(come(&world, "192.0.2.1"), SRV_ADMIT_PATCH);
    assert_true(srv_limits_patch_message(&world.patch, &text));
    assert_int_equal(text.size, 9);
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_ALLOW);
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_ALLOW);
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_PATCH);
    rules_put(&world, NULL); /* no -x: they hold for everybody */
    assert_int_equal(come(&world, "10.1.1.1"), SRV_ADMIT_PATCH);
    assert_int_equal(come(&world, "10.1.1.2"), SRV_ADMIT_ALLOW);
    assert_int_equal(come(&world, "10.1.1.2"), SRV_ADMIT_PATCH);
    pn_buffer_free(&text);
    end(&world);
    assert_int_equal(unsetenv("MAXCONNIP"), 0);
    assert_int_equal(unsetenv("DIEMSG"), 0);
}

static void
without_the_flag_nobody_counts(void **state)
{
    struct srv_client client = client_of("10.1.1.1");
    struct world world;

    (void)state;
    begin(&world, "postern: 1\n* : allow, MAXCONNIP=\"0\", MAXLOAD=\"1\"\n");
    world.counters.patch = NULL;
    assert_int_equal(decide(&world, &client, 0), SRV_ADMIT_ALLOW);
    assert_int_equal(world.counters.live.count, 0);
    end(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_the_digits_at_the_front),
        cmocka_unit_test(a_load_is_hundredths_and_is_read_once_a_second),
        cmocka_unit_test(counted_by_address_and_network_whatever_their_rules),
        cmocka_unit_test(places_come_back_and_outlive_a_reload),
        cmocka_unit_test(a_client_that_is_looked_up_is_asked_once),
        cmocka_unit_test(a_load_refuses_above_it),
        cmocka_unit_test(messages_are_of_the_limit_before_all),
        cmocka_unit_test(the_servers_own_variables_hold_where_a_rule_has_none),
        cmocka_unit_test(without_the_flag_nobody_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
