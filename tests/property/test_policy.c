/*
 * Native images against a slow oracle: random policies, each decided for every query
 * that can tell rules apart.
 */
#include "tests/support/harness.h"

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

static void
native_images_agree_with_the_oracle(void **state)
{
    struct pn_buffer text = { 0 };

    (void)state;
    for (int n = 0; n < POLICIES; n++) {
        struct pn_small_rule rules[PN_SMALL_RULES_MAX + 1];
        size_t count = pn_small_policy(&seed, rules, &text);
        struct postern_rules *image = pn_test_rules(text.bytes, text.size);

        pn_buffer_add(&text, "", 1);
        check_policy(image, rules, count, text.bytes);
        postern_rules_close(image);
    }
    pn_buffer_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(native_images_agree_with_the_oracle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
