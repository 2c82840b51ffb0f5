/*
 * Native images against a slow oracle: random policies, each decided for every query
 * that can tell rules apart.
 */
#include "tests/support/harness.h"

#include "tests/support/batch.h"
#include "tests/support/small_world.h"

enum { POLICIES = 10000 };

static uint64_t seed = UINT64_C(0x853c49e6748fea9b);

static void
check_query(const struct postern_rules *image, const struct pn_small_rule *rules,
            size_t count, const struct pn_small_query *q, const char *text)
{
    static const uint8_t steps[] = { POSTERN_STEP_ADDRESS,  POSTERN_STEP_PREFIX,
                                     POSTERN_STEP_HOST,     POSTERN_STEP_SUFFIX,
                                     POSTERN_STEP_ANY_HOST, POSTERN_STEP_DEFAULT };
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    size_t want = pn_small_decide(rules, count, q);
    const struct pn_small_rule *rule = &rules[want];
    struct postern_decision d;
    char address[64];

    pn_small_address(address, q->family, q->address);
    d = pn_test_decide(image, address, q->host, q->ident);
    assert_int_equal(postern_rules_origin(image, d.rule, &origin), POSTERN_OK);
    if (origin.line != want + 2 ||
        d.verdict != (rule->deny || rule->block ? POSTERN_DENY : POSTERN_ALLOW) ||
        d.step != (rule->block ? POSTERN_STEP_BLOCK : steps[rule->kind]) ||
        d.ident_rule != (rule->ident != NULL))
        fail_msg("%s%s@%s =%s: line %u, step %s, for line %zu", text,
                 q->ident ? q->ident : "(none)", address, q->host ? q->host : "(none)",
                 origin.line, postern_step_text(d.step), want + 2);
}

static void
check_policy(const struct postern_rules *image, const struct pn_small_rule *rules,
             size_t count, const char *text)
{
    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < pn_small_host_count; h++)
            for (size_t i = 0; i < pn_small_ident_count; i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct pn_small_query q = { family, n, pn_small_hosts[h],
                                                pn_small_idents[i] };
                    check_query(image, rules, count, &q, text);
                }
}

static bool
same_answer(const struct pn_small_rule *a, const struct pn_small_rule *b)
{
    bool denies = a->deny || a->block;

    return denies == (b->deny || b->block) && (denies || a->value == b->value);
}

/* Does another host (ident) get another answer, whatever the ident (host) is? */
static bool
can_change(const struct pn_small_rule *rules, size_t count, int family,
           unsigned address, bool host)
{
    size_t outer = host ? pn_small_ident_count : pn_small_host_count;
    size_t inner = host ? pn_small_host_count : pn_small_ident_count;

    for (size_t i = 0; i < outer; i++)
        for (size_t k = 0; k < inner; k++) {
            size_t h = host ? k : i, n = host ? i : k;
            struct pn_small_query q = { family, address, pn_small_hosts[h],
                                        pn_small_idents[n] };
            struct pn_small_query plain = { family, address,
                                            host ? NULL : pn_small_hosts[h],
                                            host ? pn_small_idents[n] : NULL };

            if (!same_answer(&rules[pn_small_decide(rules, count, &q)],
                             &rules[pn_small_decide(rules, count, &plain)]))
                return true;
        }
    return false;
}

static void
check_needs(const struct postern_rules *image, const struct pn_small_rule *rules,
            size_t count, const char *text, size_t *said, size_t *true_needs)
{
    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (int family = 4; family <= 6; family += 2) {
            bool host = can_change(rules, count, family, n, true);
            bool ident = can_change(rules, count, family, n, false);
            struct postern_addr addr;
            uint32_t needs;
            char address[64];

            pn_small_address(address, family, n);
            assert_true(postern_addr_parse(address, strlen(address), &addr));
            assert_int_equal(postern_rules_needs(image, &addr, &needs), POSTERN_OK);
            if ((host && !(needs & POSTERN_NEEDS_HOST)) ||
                (ident && !(needs & POSTERN_NEEDS_IDENT)))
                fail_msg("%s%s: needs %u, but host %d, ident %d", text, address, needs,
                         host, ident);
            *said += (needs & POSTERN_NEEDS_HOST ? 1u : 0u) +
                     (needs & POSTERN_NEEDS_IDENT ? 1u : 0u);
            *true_needs += (host ? 1u : 0u) + (ident ? 1u : 0u);
        }
}

/* Look-ups that are needed: how many the image reports, and how many are. */
struct needs {
    size_t reported, real;
};

static void
check_needs_of(void *payload, struct pn_small_world *world)
{
    struct postern_rules *image = pn_test_rules(world->text.bytes, world->text.size);
    struct needs *needs = payload;

    check_needs(image, world->rules, world->count, world->text.bytes, &needs->reported,
                &needs->real);
    postern_rules_close(image);
}

/* Never one too few; and most that are reported are true. */
static void
what_is_not_needed_changes_nothing(void **state)
{
    struct needs needs = { 0 };

    (void)state;
    pn_test_each_policy(&seed, POLICIES / 10, check_needs_of, &needs);
    print_message("%zu needs are reported, %zu are true\n", needs.reported, needs.real);
    assert_true(needs.real * 10 > needs.reported * 8);
}

/* What the oracle says of the addresses of a family, in their order. */
struct oracle {
    const struct postern_rules *image;
    const struct pn_small_world *world;
    int family;
};

static void
check_briefs(void *payload, const char *way, const struct postern_brief *briefs)
{
    const struct oracle *oracle = payload;
    const struct pn_small_world *world = oracle->world;

    for (unsigned n = 0; n <= PN_SMALL_GAP; n++) {
        struct pn_small_query q = { oracle->family, n, NULL, NULL };
        size_t want = pn_small_decide(world->rules, world->count, &q);
        struct postern_origin origin = POSTERN_ORIGIN_INIT;

        assert_int_equal(briefs[n].status, POSTERN_OK);
        assert_int_equal(postern_rules_origin(oracle->image, briefs[n].rule, &origin),
                         POSTERN_OK);
        if (origin.line != want + 2 ||
            (briefs[n].verdict == POSTERN_ALLOW) ==
                (world->rules[want].deny || world->rules[want].block))
            fail_msg("%s%s way: address %u of IPv%d: line %u, for line %zu",
                     world->text.bytes, way, n, oracle->family, origin.line, want + 2);
    }
}

static void
check_batch_of(void *payload, struct pn_small_world *world)
{
    struct postern_rules *image = pn_test_rules(world->text.bytes, world->text.size);

    (void)payload;
    for (int family = 4; family <= 6; family += 2) {
        struct oracle oracle = { image, world, family };
        uint8_t addresses[(PN_SMALL_GAP + 1) * 16];

        for (unsigned n = 0; n <= PN_SMALL_GAP; n++) {
            struct postern_addr addr;
            char text[64];

            pn_small_address(text, family, n);
            assert_true(postern_addr_parse(text, strlen(text), &addr));
            memcpy(addresses + n * (family == 6 ? 16 : 4), addr.bytes,
                   family == 6 ? 16 : 4);
        }
        pn_test_batch(image, (unsigned)family, addresses, PN_SMALL_GAP + 1,
                      check_briefs, &oracle);
    }
    postern_rules_close(image);
}

static void
many_addresses_agree_with_the_oracle(void **state)
{
    (void)state;
    pn_test_each_policy(&seed, POLICIES / 4, check_batch_of, NULL);
}

static void
check_policy_of(void *payload, struct pn_small_world *world)
{
    struct postern_rules *image = pn_test_rules(world->text.bytes, world->text.size);

    (void)payload;
    check_policy(image, world->rules, world->count, world->text.bytes);
    postern_rules_close(image);
}

static void
native_images_agree_with_the_oracle(void **state)
{
    (void)state;
    pn_test_each_policy(&seed, POLICIES, check_policy_of, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_images_agree_with_the_oracle),
        cmocka_unit_test(many_addresses_agree_with_the_oracle),
        cmocka_unit_test(what_is_not_needed_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
