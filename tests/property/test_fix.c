/*
 * Safe fixes change no decision, by enumeration; their findings are gone, and a second
 * run finds nothing to fix.
 */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "tests/support/lint_world.h"
#include "tests/support/small_world.h"
#include "tools/lint_fix.h"

enum { POLICIES = 20000 };

static int policies = POLICIES; /* an argument gives another number */

static uint64_t seed = UINT64_C(0xbf58476d1ce4e5b9);

static void
check_query(const struct pn_small_world *w, const struct postern_rules *image,
            const struct pn_small_query *q, const struct pn_draft *draft)
{
    const struct pn_small_rule *rule =
        &w->rules[pn_small_decide(w->rules, w->count, q)];
    bool allow = !rule->deny && !rule->block;
    struct postern_decision d;
    struct postern_env env;
    char address[64], value[2] = "";

    pn_small_address(address, q->family, q->address);
    d = pn_test_decide(image, address, q->host, q->ident);
    while (postern_env_next(&d.env, &env))
        value[0] = env.value.ptr[0];
    if ((d.verdict == POSTERN_ALLOW) != allow ||
        (allow && (unsigned)(value[0] ? value[0] - '0' : 0) != rule->value))
        fail_msg("%.*s became %.*s: %s@%s =%s", (int)w->text.size, w->text.bytes,
                 (int)draft->text.size, draft->text.bytes, q->ident ? q->ident : "-",
                 address, q->host ? q->host : "-");
}

static void
check_decisions(const struct pn_small_world *w, const struct pn_draft *draft)
{
    struct postern_rules *image = pn_test_rules(draft->text.bytes, draft->text.size);

    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < pn_small_host_count; h++)
            for (size_t i = 0; i < pn_small_ident_count; i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct pn_small_query q = { family, n, pn_small_hosts[h],
                                                pn_small_idents[i] };

                    check_query(w, image, &q, draft);
                }
    postern_rules_close(image);
}

static struct pn_drafts
draft_of(const char *text, size_t size)
{
    struct pn_source source;
    struct pn_drafts drafts = { 0 };

    assert_true(
        pn_source_from_text(&source, "small.rules", (struct pn_str){ text, size }));
    assert_non_null(pn_drafts_get(&drafts, &source));
    pn_source_clear(&source);
    return drafts;
}

static void
fix(struct pn_drafts *drafts, size_t *applied, size_t *refused)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_tool tool = { 0 };
    bool on[PN_CHECK_NONE];
    struct pn_fix_operand operand = { .name = "small.rules",
                                      .options = &options,
                                      .on = on };
    struct pn_fixing fixing = { .tool = &tool, .operands = &operand, .count = 1 };

    for (int c = 0; c < PN_CHECK_NONE; c++)
        on[c] = pn_check_info[c].on;
    assert_int_equal(pn_fix_run(&fixing, drafts), PN_EXIT_OK);
    *applied = fixing.applied;
    *refused = fixing.refused;
    pn_fixing_clear(&fixing);
    pn_fix_operand_clear(&operand);
}

/* Every safe fix is applied: no finding with one is left. */
static void
check_gone(const struct pn_draft *draft)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_lint_world lint;

    pn_lint_world_run(&lint, &options, draft->text.bytes, draft->text.size);
    for (size_t i = 0; i < lint.report.count; i++) {
        const struct pn_finding *f = &lint.report.items[i];

        if (f->safe && f->edit_count && pn_check_info[f->check].on)
            fail_msg("%.*s: %s at line %u is left", (int)draft->text.size,
                     draft->text.bytes, pn_check_info[f->check].code, f->at.line);
    }
    pn_lint_world_clear(&lint);
}

struct totals {
    size_t policies, applied, refused;
};

/* A second run, of one policy in ten, finds nothing to fix. */
static void
fix_world(void *payload, struct pn_small_world *world)
{
    struct pn_drafts drafts = draft_of(world->text.bytes, world->text.size), again;
    struct totals *totals = payload;
    size_t applied, refused, more;

    fix(&drafts, &applied, &refused);
    check_decisions(world, &drafts.items[0]);
    if (!refused)
        check_gone(&drafts.items[0]);
    totals->applied += applied;
    totals->refused += refused;
    again = draft_of(drafts.items[0].text.bytes, drafts.items[0].text.size);
    if (totals->policies++ % 10 == 0) {
        fix(&again, &more, &refused);
        assert_int_equal(more, 0);
    }
    pn_drafts_clear(&again);
    pn_drafts_clear(&drafts);
}

static void
safe_fixes_change_no_decision_and_leave_none(void **state)
{
    struct totals totals = { 0 };

    (void)state;
    pn_test_each_policy(&seed, policies, fix_world, &totals);
    print_message("%zu fixes, %zu refused\n", totals.applied, totals.refused);
    assert_true(totals.applied > totals.policies);
    assert_int_equal(totals.refused, 0);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe_fixes_change_no_decision_and_leave_none),
    };

    if (argc > 1)
        policies = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
