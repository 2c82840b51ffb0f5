/* server/admit, peer: which clients are counted, also after a reload */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/admit.h"
#include "server/peer.h"

/* Some clients that are live under `rules`, and the table they are in. */
struct world {
    struct srv_counters counters;
    struct srv_children children;
    pid_t next;
};

static void
begin(struct world *world)
{
    *world = (struct world){ .next = 100 };
    assert_true(srv_limits_init(&world->counters.live));
    srv_rates_init(&world->counters.rates);
}

static void
end(struct world *world)
{
    struct srv_child *child = NULL;

    while ((child = srv_children_next(&world->children, child)))
        srv_admit_release(&world->counters, &child->held);
    assert_int_equal(world->counters.live.count, 0);
    srv_children_clear(&world->children);
    srv_limits_clear(&world->counters.live);
    srv_rates_clear(&world->counters.rates);
}

/* A client connects: the decision; when it is ALLOW, the client stays. */
static enum srv_admission
come(struct world *world, const struct postern_rules *rules, const char *address,
     const char *host, const char *ident)
{
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct srv_endpoint remote = { .port = 1 };
    struct srv_client client;
    struct srv_exceeded exceeded;
    enum srv_admission admission;

    assert_true(postern_addr_parse(address, strlen(address), &remote.addr));
    srv_client_init(&client, -1, &remote, false);
    client.host = host;
    client.ident = ident;
    admission = srv_admit(&world->counters, rules, &client, 0, &decision, &exceeded);
    if (admission == SRV_ADMIT_ALLOW) {
        struct srv_peer peer = srv_peer_of(&client);
        struct srv_child child = { .pid = world->next++,
                                   .peer = srv_peer_copy(&peer),
                                   .held = client.held };

        assert_non_null(child.peer);
        assert_true(srv_children_reserve(&world->children));
        srv_children_add(&world->children, &child);
    }
    return admission;
}

static struct postern_rules *
rules_of(const char *text)
{
    char whole[512];
    int size = snprintf(whole, sizeof(whole), "postern: 1\n%s* : deny\n", text);

    return pn_test_rules(whole, (size_t)size);
}

/* Clients are live under `before`; then one connects under `after`. */
static const struct {
    const char *label, *before, *after;
    const char *live[4];
    const char *comes, *host, *ident;
    enum srv_admission answer;
} rows[] = {
    { "a limit that is new",
      "10.0.0.0/8 : allow\n",
      "10.0.0.0/8 : allow, limit 2\n",
      { "10.1.1.1", "10.1.1.1" },
      "10.1.1.1",
      NULL,
      NULL,
      SRV_ADMIT_LIMIT },
    { "another source is not counted with it",
      "10.0.0.0/8 : allow\n",
      "10.0.0.0/8 : allow, limit 2\n",
      { "10.1.1.1", "10.1.1.1" },
      "10.1.1.2",
      NULL,
      NULL,
      SRV_ADMIT_ALLOW },
    { "a limit that counts another network",
      "10.0.0.0/8 : allow, limit 2 per /24\n",
      "10.0.0.0/8 : allow, limit 4 per /16\n",
      { "10.1.1.1", "10.1.1.1", "10.1.2.1", "10.1.2.1" },
      "10.1.9.9",
      NULL,
      NULL,
      SRV_ADMIT_LIMIT },
    { "a limit that is wider now",
      "10.0.0.0/8 : allow, limit 2\n",
      "10.0.0.0/8 : allow, limit 3\n",
      { "10.1.1.1", "10.1.1.1" },
      "10.1.1.1",
      NULL,
      NULL,
      SRV_ADMIT_ALLOW },
    { "a rule that takes them from another",
      "10.0.0.0/8 : allow, limit 5\n",
      "10.0.0.0/8 : allow, limit 5\n10.1.0.0/16 : allow, limit 1\n",
      { "10.1.1.1" },
      "10.1.1.1",
      NULL,
      NULL,
      SRV_ADMIT_LIMIT },
    { "a rule that has them no more",
      "10.1.0.0/16 : allow, limit 1\n10.0.0.0/8 : allow, limit 1\n",
      "10.1.0.0/16 : allow, limit 1\n10.0.0.0/8 : allow, limit 1\n10.1.1.1 : allow\n",
      { "10.1.1.1" },
      "10.1.1.1",
      NULL,
      NULL,
      SRV_ADMIT_ALLOW },
    { "a second limit that is new",
      "10.0.0.0/8 : allow, limit 2\n",
      "10.0.0.0/8 : allow, limit 2, limit 3 per /24\n",
      { "10.1.1.1", "10.1.1.2", "10.1.1.3" },
      "10.1.1.4",
      NULL,
      NULL,
      SRV_ADMIT_LIMIT },
    { "a second limit that is gone",
      "10.0.0.0/8 : allow, limit 2, limit 3 per /24\n",
      "10.0.0.0/8 : allow, limit 2\n",
      { "10.1.1.1", "10.1.1.2", "10.1.1.3" },
      "10.1.1.4",
      NULL,
      NULL,
      SRV_ADMIT_ALLOW },
    { "the same networks of IPv4 in two limits",
      "10.0.0.0/8 : allow\n",
      "10.0.0.0/8 : allow, limit 4 per /24,/64, limit 3 per /24,/48\n",
      { "10.1.1.1", "10.1.1.2" },
      "10.1.1.3",
      NULL,
      NULL,
      SRV_ADMIT_ALLOW },
    { "IPv6 by its network",
      "2001:db8::/32 : allow\n",
      "2001:db8::/32 : allow, limit 1\n",
      { "2001:db8::1" },
      "2001:db8::2",
      NULL,
      NULL,
      SRV_ADMIT_LIMIT },
    { "by the host and the ident that they came with",
      "joe@=.a.example : allow\n",
      "joe@=.a.example : allow, limit 1\n",
      { "10.1.1.1" },
      "10.1.1.1",
      "x.a.example",
      "joe",
      SRV_ADMIT_LIMIT },
};

static void
who_is_live_counts_under_the_rules_that_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct postern_rules *before = rules_of(rows[i].before);
        struct postern_rules *after = rules_of(rows[i].after);
        enum srv_admission answer;
        struct world world;

        begin(&world);
        for (size_t c = 0; c < 4 && rows[i].live[c]; c++) {
            char host[] = "x.a.example", ident[] = "joe";
            bool named = rows[i].host;

            assert_int_equal(come(&world, before, rows[i].live[c], named ? host : NULL,
                                  named ? ident : NULL),
                             SRV_ADMIT_ALLOW);
            memset(host, '!', sizeof(host) - 1); /* what it knew is its own */
            memset(ident, '!', sizeof(ident) - 1);
        }
        postern_rules_close(before); /* gone before the others are asked */
        srv_admit_recount(&world.counters, after, &world.children);
        answer = come(&world, after, rows[i].comes, rows[i].host, rows[i].ident);
        if (answer != rows[i].answer)
            fail_msg("%s: %d", rows[i].label, answer);
        srv_admit_recount(&world.counters, NULL,
                          &world.children); /* rules are broken */
        postern_rules_close(after);
        end(&world);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_live_counts_under_the_rules_that_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
