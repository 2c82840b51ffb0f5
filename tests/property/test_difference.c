/*
 * What changes between random policies: every query that brute force answers otherwise
 * under the two is in one region and no other is in any, with both lines and its
 * effect.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/difference.h"
#include "compiler/regions.h"
#include "tests/support/random.h"
#include "tests/support/small_world.h"

static int policies = 3000;
static uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);

/* A policy, as brute force sees it and compiled. */
struct side {
    struct pn_small_rule small[PN_SMALL_RULES_MAX + 1];
    size_t count;
    struct pn_buffer text;
    struct postern_rules *rules;
    struct pn_decoded decoded;
};

static void
side_compile(struct side *side)
{
    pn_test_decode(side->text.bytes, side->text.size, &side->rules, &side->decoded);
    pn_buffer_add(&side->text, "", 1);
}

static void
side_clear(struct side *side)
{
    pn_decoded_clear(&side->decoded);
    postern_rules_close(side->rules);
    pn_buffer_free(&side->text);
}

static size_t
line_of(const struct side *side, const struct postern_query *query)
{
    struct postern_decision d = POSTERN_DECISION_INIT;
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    struct postern_query asked = *query;
    char scratch[512];

    asked.scratch = scratch;
    asked.scratch_size = sizeof(scratch);
    assert_int_equal(postern_rules_decide(side->rules, &asked, &d), POSTERN_OK);
    assert_int_equal(postern_rules_origin(side->rules, d.rule, &origin), POSTERN_OK);
    return origin.line;
}

/* No rule's variable counts where it denies. */
static unsigned
outcome(const struct pn_small_rule *rule)
{
    return rule->deny || rule->block ? UINT32_MAX : rule->value;
}

static enum pn_effect
effect(const struct pn_small_rule *old, const struct pn_small_rule *new)
{
    if ((outcome(old) == UINT32_MAX) == (outcome(new) == UINT32_MAX))
        return PN_EFFECT_OTHER;
    return outcome(old) == UINT32_MAX ? PN_EFFECT_GAINS : PN_EFFECT_LOSES;
}

static struct postern_query
query_of(const struct pn_small_query *q)
{
    struct postern_query query = POSTERN_QUERY_INIT;
    char text[64];

    pn_small_address(text, q->family, q->address);
    assert_true(postern_addr_parse(text, strlen(text), &query.remote));
    if (q->host)
        query.host = (struct postern_str){ q->host, strlen(q->host) };
    if (q->ident)
        query.ident = (struct postern_str){ q->ident, strlen(q->ident) };
    return query;
}

static void
check_query(const struct pn_changes *changes, struct side sides[2],
            const struct pn_small_query *q)
{
    const struct pn_small_rule *rules[2];
    struct postern_query query = query_of(q);
    size_t found = 0, wanted, lines[2];

    for (size_t i = 0; i < 2; i++) {
        lines[i] = pn_small_decide(sides[i].small, sides[i].count, q);
        rules[i] = &sides[i].small[lines[i]];
    }
    wanted = outcome(rules[0]) != outcome(rules[1]);
    for (size_t i = 0; i < changes->blocks.count; i++) {
        const struct pn_block *block = &changes->blocks.items[i];
        struct postern_query witness = pn_block_witness(&changes->blocks, block);

        if (!pn_block_holds(&changes->blocks, block, &query))
            continue;
        found++;
        if (pn_change_effect(changes, block) != effect(rules[0], rules[1]))
            fail_msg("%s---\n%s: %s is no %d", sides[0].text.bytes, sides[1].text.bytes,
                     q->host ? q->host : "-", (int)pn_change_effect(changes, block));
        for (size_t k = 0; k < 2; k++)
            assert_int_equal(line_of(&sides[k], &witness), lines[k] + 2);
    }
    if (found != wanted)
        fail_msg("%s---\n%s%s@%d.%u =%s is in %zu regions, not %zu",
                 sides[0].text.bytes, sides[1].text.bytes, q->ident ? q->ident : "-",
                 q->family, q->address, q->host ? q->host : "-", found, wanted);
}

/* Of each region without an end, so many of the small addresses are in it as it says.
 */
static void
check_counts(const struct pn_changes *changes)
{
    for (size_t i = 0; i < changes->blocks.count; i++) {
        const struct pn_block *block = &changes->blocks.items[i];
        pn_number there = 0;
        bool open = false;

        for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
            for (int family = 4; family <= 6; family += 2) {
                struct pn_small_query q = { family, n, NULL, NULL };
                struct postern_query query = query_of(&q), whole = query;
                struct postern_query witness =
                    pn_block_witness(&changes->blocks, block);

                whole.host = witness.host;
                whole.ident = witness.ident;
                if (!pn_block_holds(&changes->blocks, block, &whole))
                    continue;
                there++;
                open |= n == PN_SMALL_GAP;
            }
        assert_true(open || pn_block_size(&changes->blocks, block) == there);
    }
}

static void
check_direction(const struct pn_changes *changes, bool gains, bool loses, bool other)
{
    enum pn_direction wanted = other || (gains && loses) ? PN_MIXED
                               : gains                   ? PN_LOOSER
                               : loses                   ? PN_STRICTER
                                                         : PN_SAME;

    assert_int_equal(changes->direction, wanted);
}

static void
check_pair(struct side sides[2], const struct pn_change_question *question)
{
    struct pn_side both[2];
    struct pn_changes changes;
    bool seen[PN_EFFECT_COUNT] = { false };

    for (size_t i = 0; i < 2; i++)
        both[i] = (struct pn_side){ sides[i].rules, &sides[i].decoded, NULL, NULL };
    assert_int_equal(pn_changes_find(&changes, both, question), POSTERN_OK);
    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < (question->no_host ? 1 : pn_small_host_count); h++)
            for (size_t i = 0; i < (question->no_ident ? 1 : pn_small_ident_count); i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct pn_small_query q = { family, n, pn_small_hosts[h],
                                                pn_small_idents[i] };
                    const struct pn_small_rule *old = &sides[0].small[pn_small_decide(
                        sides[0].small, sides[0].count, &q)];
                    const struct pn_small_rule *new = &sides[1].small[pn_small_decide(
                        sides[1].small, sides[1].count, &q)];

                    check_query(&changes, sides, &q);
                    if (outcome(old) != outcome(new))
                        seen[effect(old, new)] = true;
                }
    check_counts(&changes);
    check_direction(&changes, seen[PN_EFFECT_GAINS], seen[PN_EFFECT_LOSES],
                    seen[PN_EFFECT_OTHER]);
    pn_changes_clear(&changes);
}

static void
every_changed_query_is_in_one_region(void **state)
{
    (void)state;
    for (int n = 0; n < policies; n++) {
        struct pn_change_question question = { .no_host = n % 7 == 1,
                                               .no_ident = n % 5 == 1 };
        struct side sides[2] = { 0 };

        for (size_t i = 0; i < 2; i++) {
            sides[i].count = pn_small_policy(&seed, sides[i].small, &sides[i].text);
            side_compile(&sides[i]);
        }
        check_pair(sides, &question);
        for (size_t i = 0; i < 2; i++)
            side_clear(&sides[i]);
    }
}

static void
a_policy_differs_in_nothing_from_itself(void **state)
{
    (void)state;
    for (int n = 0; n < policies / 4; n++) {
        struct pn_change_question question = { 0 };
        struct pn_side both[2];
        struct pn_changes changes;
        struct side side = { 0 };

        side.count = pn_small_policy(&seed, side.small, &side.text);
        side_compile(&side);
        both[0] = both[1] = (struct pn_side){ side.rules, &side.decoded, NULL, NULL };
        assert_int_equal(pn_changes_find(&changes, both, &question), POSTERN_OK);
        assert_int_equal(changes.direction, PN_SAME);
        assert_int_equal(changes.blocks.count, 0);
        pn_changes_clear(&changes);
        side_clear(&side);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_changed_query_is_in_one_region),
        cmocka_unit_test(a_policy_differs_in_nothing_from_itself),
    };

    if (argc > 1)
        policies = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
