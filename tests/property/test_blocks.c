/*
 * The exact partition of random policies: every query is in one block and no other, and
 * that block has the outcome of the rule that decides it.
 */
#include "tests/support/harness.h"

#include <stdio.h>

#include "analysis/blocks.h"
#include "compiler/outcomes.h"
#include "tests/support/random.h"
#include "tests/support/small_world.h"

enum { POLICIES = 2000 };

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static bool
has_address(const struct pn_block *block, int family, unsigned number)
{
    char text[64];
    struct postern_addr addr;
    pn_number at;

    pn_small_address(text, family, number);
    assert_true(postern_addr_parse(text, strlen(text), &addr));
    at = pn_number_from(&addr);
    for (size_t i = 0; i < block->extent_count; i++)
        if (block->extents[i].family == family && at >= block->extents[i].first &&
            at <= block->extents[i].last)
            return true;
    return false;
}

/* Does a pattern match the name (NULL: none), and how long is it? -1 when it does not.
 */
static int
match(const struct pn_blocks *blocks, const struct pn_pattern *p, const char *name)
{
    struct pn_str text = pn_intern_text(&blocks->texts, p->text);
    size_t len = name ? strlen(name) : 0;

    if (p->kind == PN_HOST_ABSENT)
        return name ? -1 : 1000;
    if (!name || text.len > len ||
        memcmp(name + len - text.len, text.ptr, text.len) != 0)
        return -1;
    if (p->kind == PN_HOST_EXACT && text.len != len)
        return -1;
    return p->kind == PN_HOST_EXACT ? 1000 : (int)text.len;
}

/* The longest pattern that matches decides. */
static bool
has_name(const struct pn_blocks *blocks, const struct pn_patterns *list,
         const char *name)
{
    bool inside = list->everything;
    int best = -1;

    for (size_t i = 0; i < list->count; i++) {
        int length = match(blocks, &list->items[i], name);

        if (length > best) {
            best = length;
            inside = list->items[i].inside;
        }
    }
    return inside;
}

static void
check_query(const struct pn_blocks *blocks, struct pn_outcomes *outcomes,
            const struct pn_small_query *q, const char *text)
{
    char address[64];
    struct postern_decision d;
    size_t found = 0;

    pn_small_address(address, q->family, q->address);
    d = pn_test_decide(outcomes->rules, address, q->host, q->ident);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct pn_block *block = &blocks->items[i];

        if (!has_address(block, q->family, q->address) ||
            !has_name(blocks, &block->hosts, q->host) ||
            !has_name(blocks, &block->idents, q->ident))
            continue;
        found++;
        if (block->class != pn_outcome_of(outcomes, d.rule))
            fail_msg("%s%s@%s =%s is in block %zu", text,
                     q->ident ? q->ident : "(none)", address,
                     q->host ? q->host : "(none)", i);
    }
    if (found != 1)
        fail_msg("%s%s@%s =%s is in %zu blocks", text, q->ident ? q->ident : "(none)",
                 address, q->host ? q->host : "(none)", found);
}

static void
check_policy(const struct postern_rules *rules, const struct pn_decoded *decoded,
             const char *text)
{
    struct pn_outcomes outcomes = { .rules = rules };
    struct pn_regions regions = { .sides = { { rules, decoded, pn_outcome_of,
                                               &outcomes } },
                                  .side_count = 1,
                                  .host = PN_ASK_ALL,
                                  .ident = PN_ASK_ALL };
    struct pn_blocks blocks;

    assert_int_equal(pn_blocks_collect(&blocks, &regions), POSTERN_OK);
    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < pn_small_host_count; h++)
            for (size_t i = 0; i < pn_small_ident_count; i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct pn_small_query q = { family, n, pn_small_hosts[h],
                                                pn_small_idents[i] };
                    check_query(&blocks, &outcomes, &q, text);
                }
    pn_blocks_clear(&blocks);
    pn_regions_clear(&regions);
    pn_outcomes_clear(&outcomes);
}

static void
check_world(void *payload, struct pn_small_world *world)
{
    struct postern_rules *rules = NULL;
    struct pn_decoded decoded;

    (void)payload;
    pn_test_decode(world->text.bytes, world->text.size, &rules, &decoded);
    check_policy(rules, &decoded, world->text.bytes);
    pn_decoded_clear(&decoded);
    postern_rules_close(rules);
}

static void
every_query_is_in_one_block(void **state)
{
    (void)state;
    pn_test_each_policy(&seed, POLICIES, check_world, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_query_is_in_one_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
