/*
 * server/tiers, places, admit: the text of -C, and who is counted with whom, beside a
 * list of the live that is counted anew each time.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/admit.h"
#include "server/peer.h"

enum { NONE = SRV_PER_NONE, CROWD = 10000 };

static size_t arrivals = 1000000;

static bool
is_tier(const struct postern_limit *a, const struct postern_limit *b)
{
    return a->n == b->n && a->per.v4 == b->per.v4 && a->per.v6 == b->per.v6;
}

static const struct {
    const char *text;
    size_t count; /* 0: refused */
    struct postern_limit of[3];
} options[] = {
    { "5", 1, { { 5, { 32, 64 } } } },
    { "5/48", 1, { { 5, { 32, 48 } } } },
    { "5/24:48", 1, { { 5, { 24, 48 } } } },
    { "20,200/48", 2, { { 20, { 32, 64 } }, { 200, { NONE, 48 } } } },
    { "20/32:64,200/24:48", 2, { { 20, { 32, 64 } }, { 200, { 24, 48 } } } },
    { "1/128,2/1:1,3/32:64",
      3,
      { { 1, { 32, 128 } }, { 2, { 1, 1 } }, { 3, { 32, 64 } } } },
    { "2/24:64,1/32:64", 2, { { 2, { 24, 64 } }, { 1, { 32, 64 } } } },
    { "4294967295", 1, { { UINT32_MAX, { 32, 64 } } } },
    { "4294967296", 0, { { 0 } } },
    { "0", 0, { { 0 } } },
    { "5,0/48", 0, { { 0 } } },
    { "", 0, { { 0 } } },
    { ",", 0, { { 0 } } },
    { "5,", 0, { { 0 } } },
    { ",5", 0, { { 0 } } },
    { "5,,6/48", 0, { { 0 } } },
    { "5/", 0, { { 0 } } },
    { "5/0", 0, { { 0 } } },
    { "5/129", 0, { { 0 } } },
    { "5/33:64", 0, { { 0 } } },
    { "5/0:64", 0, { { 0 } } },
    { "5/:64", 0, { { 0 } } },
    { "5/24:", 0, { { 0 } } },
    { "5/24:64:1", 0, { { 0 } } },
    { "5:64", 0, { { 0 } } },
    { "5/64/3", 0, { { 0 } } },
    { "5 ,6/48", 0, { { 0 } } },
    { "5/64,6", 0, { { 0 } } },         /* of IPv6 the same networks */
    { "5,6/32:64", 0, { { 0 } } },      /* of both */
    { "5,6/48,7/48", 0, { { 0 } } },    /* the second and the third */
    { "5,6/24:48,7/48", 0, { { 0 } } }, /* likewise */
    { "1/1,2/2,3/3,4/4,5/5,6/6,7/7,8/8,9/9", 0, { { 0 } } },
};

static void
the_option_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(options); i++) {
        struct srv_tiers tiers = { .count = 0 };

        if (srv_tiers_parse(options[i].text, &tiers) != (options[i].count != 0) ||
            tiers.count != options[i].count)
            fail_msg("\"%s\": %zu", options[i].text, tiers.count);
        for (size_t k = 0; k < tiers.count; k++)
            assert_true(is_tier(&tiers.of[k], &options[i].of[k]));
    }
}

static void
as_many_tiers_as_there_may_be(void **state)
{
    struct srv_tiers tiers;

    (void)state;
    assert_true(srv_tiers_parse("1/1,2/2,3/3,4/4,5/5,6/6,7/7,8/8", &tiers));
    assert_int_equal(tiers.count, SRV_TIERS_MAX);
}

/* Those who are live, and how they are counted by what is tested. */
struct live {
    struct postern_addr addr;
    struct srv_places held;
};

static void
flip(struct postern_addr *addr, unsigned bit)
{
    addr->bytes[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
}

static bool
comes(struct srv_counters *counters, const struct srv_tiers *tiers,
      const struct postern_addr *addr, struct srv_places *held, uint32_t *tier)
{
    struct srv_client client = { .remote = { .addr = *addr } };
    struct srv_exceeded exceeded = { .n = 0 };
    bool admitted = srv_admit_source(counters, tiers, &client, &exceeded);

    *held = client.held;
    *tier = exceeded.tier;
    return admitted;
}

/* Of each length: who differs in the last bit of a network, or in the next one. */
static void
a_network_ends_at_its_last_bit(void **state)
{
    (void)state;
    for (unsigned family = 4; family <= 6; family += 2)
        for (unsigned bits = 1; bits <= (family == 4 ? 32u : 128u); bits++) {
            struct srv_counters counters;
            struct srv_tiers tiers;
            struct postern_addr addr = { .family = (uint8_t)family };
            struct srv_places held[4];
            uint32_t tier;
            char text[40];
            int size = snprintf(text, sizeof(text), "9/%s128,2/%u:%u",
                                family == 4 ? "32:" : "31:", family == 4 ? bits : 32,
                                family == 4 ? 127 : bits);

            assert_true(size > 0 && (size_t)size < sizeof(text));
            if (!srv_tiers_parse(text, &tiers)) {
                assert_int_equal(bits, 128); /* 128 twice is none */
                continue;
            }
            for (size_t i = 0; i < sizeof(addr.bytes); i++)
                addr.bytes[i] = family == 6 || i < 4 ? (uint8_t)(i * 37 + bits) : 0;
            assert_true(srv_limits_init(&counters.live));
            assert_true(comes(&counters, &tiers, &addr, &held[0], &tier));
            if (bits < (family == 4 ? 32u : 128u))
                flip(&addr, bits); /* behind the network: the same one */
            assert_true(comes(&counters, &tiers, &addr, &held[1], &tier));
            assert_false(comes(&counters, &tiers, &addr, &held[2], &tier));
            assert_int_equal(tier, 1);
            flip(&addr, bits - 1);
            assert_true(comes(&counters, &tiers, &addr, &held[3], &tier));
            for (size_t i = 0; i < 4; i++)
                srv_admit_release(&counters, &held[i]);
            assert_int_equal(counters.live.count, 0);
            srv_limits_clear(&counters.live);
        }
}

/* --- beside a model --- */

enum { LIVE = 48, TIERS = 4, POLICIES = 6, RULE_TIERS = 4, TWO = 2 };

static uint64_t seed;

static uint32_t
pick(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % n);
}

/* Two rules, for the two halves of all addresses; the second need not be there. */
struct policy {
    struct srv_tiers tiers[TWO];
    bool both;
    struct postern_rules *rules;
};

struct trial {
    struct srv_counters counters;
    struct srv_children children; /* its pids are numbers of `live` */
    struct srv_tiers per_source;
    struct policy policies[POLICIES];
    size_t policy, count;
    struct live live[LIVE];
};

static bool
is_same_network(const struct postern_addr *a, const struct postern_addr *b,
                const struct postern_per *per)
{
    unsigned bits = a->family == 4 ? per->v4 : per->v6;

    if (a->family != b->family)
        return false;
    for (unsigned bit = 0; bit < bits; bit++)
        if ((a->bytes[bit / 8] ^ b->bytes[bit / 8]) & (0x80u >> bit % 8))
            return false;
    return true;
}

static size_t
rule_of(const struct policy *policy, const struct postern_addr *addr)
{
    return policy->both && !(addr->bytes[0] & 0x80);
}

/* The first tier that is full; tiers->count for none. */
static size_t
model_full(const struct trial *t, const struct srv_tiers *tiers,
           const struct postern_addr *addr, bool by_rule)
{
    const struct policy *policy = &t->policies[t->policy];
    size_t tier = 0;

    for (; tier < tiers->count; tier++) {
        const struct postern_limit *limit = &tiers->of[tier];
        size_t live = 0;

        if (addr->family == 4 && limit->per.v4 == NONE)
            continue;
        for (size_t i = 0; i < t->count; i++)
            live += is_same_network(addr, &t->live[i].addr, &limit->per) &&
                    (!by_rule ||
                     rule_of(policy, addr) == rule_of(policy, &t->live[i].addr));
        if (live >= limit->n)
            break;
    }
    return tier;
}

static void
random_tiers(struct srv_tiers *out, size_t most, bool of_option)
{
    out->count = 0;
    for (size_t left = pick((uint32_t)most + 1); left; left--) {
        struct postern_limit *limit = &out->of[out->count];
        bool is_new = true;

        limit->n = 1 + pick(6);
        limit->per.v4 = (uint8_t)(8 + pick(25));
        limit->per.v6 = (uint8_t)(16 + pick(113));
        if (of_option && out->count && pick(3) == 0)
            limit->per.v4 = NONE;
        for (size_t i = 0; i < out->count; i++)
            is_new = is_new && out->of[i].per.v6 != limit->per.v6;
        out->count += is_new;
    }
}

static size_t
rule_print(char *at, size_t room, const char *target, const struct srv_tiers *tiers)
{
    size_t used = (size_t)snprintf(at, room, "%s : allow", target);

    for (size_t i = 0; i < tiers->count; i++)
        used +=
            (size_t)snprintf(at + used, room - used, ", limit %u per /%u,/%u",
                             tiers->of[i].n, tiers->of[i].per.v4, tiers->of[i].per.v6);
    used += (size_t)snprintf(at + used, room - used, "\n");
    assert_true(used < room);
    return used;
}

static void
random_policy(struct policy *out)
{
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof(text), "postern: 1\n");

    random_tiers(&out->tiers[0], RULE_TIERS, false);
    random_tiers(&out->tiers[1], RULE_TIERS, false);
    out->both = pick(2);
    used += rule_print(text + used, sizeof(text) - used, "*", &out->tiers[0]);
    if (out->both)
        used += rule_print(text + used, sizeof(text) - used, "0.0.0.0/1, ::/1",
                           &out->tiers[1]);
    out->rules = pn_test_rules(text, used);
}

/* One from anywhere, or a neighbour of one who is live. */
static struct postern_addr
random_address(const struct trial *t)
{
    struct postern_addr addr = { .family = pick(2) ? 4 : 6 };

    if (t->count && pick(4)) {
        addr = t->live[pick((uint32_t)t->count)].addr;
        if (pick(4))
            flip(&addr, pick(addr.family == 4 ? 32 : 128));
        return addr;
    }
    for (size_t i = 0; i < (addr.family == 4 ? 4u : 16u); i++)
        addr.bytes[i] = (uint8_t)pick(256);
    if (addr.family == 6)
        addr.bytes[0] |= 0x20; /* what maps IPv4 is IPv4 */
    return addr;
}

static struct srv_child *
child_of(struct trial *t, size_t number)
{
    struct srv_child *child = NULL;

    while ((child = srv_children_next(&t->children, child)))
        if ((size_t)child->pid == number + 1)
            return child;
    return NULL;
}

static void
ends(struct trial *t, size_t number)
{
    struct srv_child child, *last;

    assert_true(srv_children_take(&t->children, (pid_t)(number + 1), &child));
    srv_admit_release(&t->counters, &child.held);
    free(child.peer);
    t->count--;
    if (number == t->count)
        return;
    last = child_of(t, t->count); /* it takes the number over */
    assert_non_null(last);
    assert_true(srv_children_take(&t->children, last->pid, &child));
    child.pid = (pid_t)(number + 1);
    t->live[number] = t->live[t->count];
    assert_true(srv_children_reserve(&t->children));
    srv_children_add(&t->children, &child);
}

static void
stays(struct trial *t, struct srv_client *client)
{
    struct srv_peer peer = srv_peer_of(client);
    struct srv_child child = { .pid = (pid_t)(t->count + 1),
                               .peer = srv_peer_copy(&peer),
                               .held = client->held };

    assert_non_null(child.peer);
    assert_true(srv_children_reserve(&t->children));
    srv_children_add(&t->children, &child);
    t->live[t->count++].addr = client->remote.addr;
}

static void
arrives(struct trial *t)
{
    const struct policy *policy = &t->policies[t->policy];
    struct postern_decision decision = POSTERN_DECISION_INIT;
    struct srv_endpoint remote = { .addr = random_address(t), .port = 1 };
    const struct srv_tiers *tiers = &policy->tiers[rule_of(policy, &remote.addr)];
    size_t full = model_full(t, &t->per_source, &remote.addr, false);
    struct srv_exceeded exceeded = { .n = 0 };
    struct srv_client client;

    srv_client_init(&client, -1, &remote, false);
    if (!srv_admit_source(&t->counters, &t->per_source, &client, &exceeded)) {
        assert_true(full < t->per_source.count);
        assert_int_equal(exceeded.tier, full);
        assert_int_equal(exceeded.n, t->per_source.of[full].n);
        return;
    }
    assert_int_equal(full, t->per_source.count);
    full = model_full(t, tiers, &remote.addr, true);
    switch (srv_admit(&t->counters, policy->rules, &client, 0, &decision, &exceeded)) {
    case SRV_ADMIT_ALLOW:
        assert_int_equal(full, tiers->count);
        stays(t, &client);
        break;
    case SRV_ADMIT_LIMIT:
        assert_true(full < tiers->count);
        assert_int_equal(exceeded.tier, full);
        assert_int_equal(exceeded.n, tiers->of[full].n);
        srv_admit_release(&t->counters, &client.held);
        break;
    default:
        fail();
    }
}

static void
trial_begin(struct trial *t)
{
    *t = (struct trial){ .policy = 0 };
    assert_true(srv_limits_init(&t->counters.live));
    srv_rates_init(&t->counters.rates);
    random_tiers(&t->per_source, TIERS, true);
    for (size_t i = 0; i < POLICIES; i++)
        random_policy(&t->policies[i]);
}

static void
trial_end(struct trial *t)
{
    while (t->count)
        ends(t, t->count - 1);
    assert_int_equal(t->counters.live.count, 0);
    srv_children_clear(&t->children);
    srv_limits_clear(&t->counters.live);
    srv_rates_clear(&t->counters.rates);
    for (size_t i = 0; i < POLICIES; i++)
        postern_rules_close(t->policies[i].rules);
}

/* Arrivals, ends, and rules that are replaced, from a million of sources. */
static void
all_count_as_a_list_of_the_live_does(void **state)
{
    enum { TRIALS = 100 };

    (void)state;
    for (seed = 1; seed <= TRIALS; seed++) {
        uint64_t kept = seed;
        struct trial t;

        trial_begin(&t);
        for (size_t step = 0; step < arrivals / TRIALS; step++) {
            if (t.count == LIVE || (t.count && pick(5) == 0))
                ends(&t, pick((uint32_t)t.count));
            if (pick(50) == 0) {
                t.policy = pick(POLICIES);
                srv_admit_recount(&t.counters, t.policies[t.policy].rules, &t.children);
            }
            arrives(&t);
            assert_in_range(t.counters.live.count, 0, t.count * (TIERS + RULE_TIERS));
        }
        assert_in_range(t.counters.live.bucket_count, 0,
                        (size_t)2 * LIVE * (TIERS + RULE_TIERS));
        trial_end(&t);
        seed = kept;
    }
}

/* Memory is that of the live, however many have come. */
static void
a_million_sources_leave_nothing(void **state)
{
    static struct srv_places held[CROWD];
    const size_t most = (size_t)CROWD * 3;
    struct srv_counters counters;
    struct srv_tiers tiers;
    uint32_t tier;

    (void)state;
    assert_true(srv_tiers_parse("9,99/48,999/24:32", &tiers));
    assert_true(srv_limits_init(&counters.live));
    seed = 7;
    for (size_t i = 0; i < arrivals; i++) {
        struct postern_addr addr = { .family = i % 2 ? 4 : 6 };

        for (size_t k = 0; k < (i % 2 ? 4u : 16u); k++)
            addr.bytes[k] = (uint8_t)pick(256);
        srv_admit_release(&counters, &held[i % CROWD]);
        assert_true(comes(&counters, &tiers, &addr, &held[i % CROWD], &tier));
        assert_in_range(counters.live.count, 0, most);
    }
    assert_in_range(counters.live.bucket_count, 0, 2 * most);
    for (size_t i = 0; i < CROWD; i++)
        srv_admit_release(&counters, &held[i]);
    assert_int_equal(counters.live.count, 0);
    srv_limits_clear(&counters.live);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_option_is_read),
        cmocka_unit_test(as_many_tiers_as_there_may_be),
        cmocka_unit_test(a_network_ends_at_its_last_bit),
        cmocka_unit_test(all_count_as_a_list_of_the_live_does),
        cmocka_unit_test(a_million_sources_leave_nothing),
    };

    if (argc > 1)
        arrivals = strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
