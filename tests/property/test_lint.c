/*
 * Findings about who gets more than one would want, against brute force: none is
 * missed, none is there in vain, and each query is answered as the finding says.
 */
#include "tests/support/harness.h"

#include <stdlib.h>

#include <stdio.h>

#include "tests/support/lint_world.h"
#include "tests/support/small_world.h"

enum { POLICIES = 4000 };

static int policies = POLICIES; /* an argument gives another number */

static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static bool
allows(const struct pn_small_rule *rule)
{
    return !rule->deny && !rule->block;
}

/* What the first grants and the second does not. */
enum grant { GRANT_NONE, GRANT_OTHER, GRANT_MORE };

static enum grant
gives(const struct pn_small_rule *a, const struct pn_small_rule *b)
{
    if (!allows(a))
        return GRANT_NONE;
    if (!allows(b))
        return GRANT_MORE;
    return a->value != b->value ? GRANT_OTHER : GRANT_NONE;
}

static enum grant
worse(enum grant a, enum grant b)
{
    return a > b ? a : b;
}

static const struct pn_small_rule *
decide(const struct pn_small_world *w, int family, unsigned address, const char *host,
       const char *ident, size_t *number)
{
    struct pn_small_query q = { family, address, host, ident };

    *number = pn_small_decide(w->rules, w->count, &q);
    return &w->rules[*number];
}

/* What brute force finds about one rule. */
struct truth {
    bool host_beats_deny, host_evaded;
    enum grant host_grant, ident_grant; /* the worst there is */
    bool lives, unblocked; /* unblocked: a query that it names is no block's */
};

static void
ask(const struct pn_small_world *w, size_t rule, const struct pn_small_query *q,
    struct truth *out)
{
    int family = q->family;
    unsigned n = q->address;
    const char *host = q->host, *ident = q->ident;
    size_t by, other;
    const struct pn_small_rule *r = decide(w, family, n, host, ident, &by), *without;
    bool is_host = r->kind == PN_SMALL_HOST || r->kind == PN_SMALL_SUFFIX;

    if (pn_small_matches(&w->rules[rule], q) && !r->block)
        out->unblocked = true;
    if (by != rule)
        return;
    out->lives = true;
    if (host && r->kind == PN_SMALL_HOST && allows(r)) {
        without = decide(w, family, n, NULL, ident, &other);
        out->host_beats_deny |=
            without->kind == PN_SMALL_PREFIX && !allows(without) && !without->block;
    }
    if (host && !ident && (is_host || r->kind == PN_SMALL_ANY_HOST)) {
        without = decide(w, family, n, NULL, NULL, &other);
        if (is_host)
            out->host_grant = worse(out->host_grant, gives(r, without));
        out->host_evaded |= !allows(r) && allows(without);
    }
    if (r->ident) {
        without = decide(w, family, n, host, NULL, &other);
        out->ident_grant = worse(out->ident_grant, gives(r, without));
    }
}

static struct truth
find_truth(const struct pn_small_world *w, size_t rule)
{
    struct truth truth = { 0 };

    for (unsigned n = 0; n <= PN_SMALL_GAP; n++)
        for (size_t h = 0; h < pn_small_host_count; h++)
            for (size_t i = 0; i < pn_small_ident_count; i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct pn_small_query q = { family, n, pn_small_hosts[h],
                                                pn_small_idents[i] };

                    ask(w, rule, &q, &truth);
                }
    return truth;
}

static void
compare(const struct pn_small_world *w, const struct pn_lint_world *lint, size_t rule,
        enum pn_check check, bool want)
{
    if (pn_lint_world_has(lint, check, rule + 2) != want)
        fail_msg("%.*s: line %zu, %s: %d is true", (int)w->text.size, w->text.bytes,
                 rule + 2, pn_check_info[check].code, want);
}

/* What is more has the finding's own text, and what is otherwise another one. */
static void
compare_grant(const struct pn_small_world *w, const struct pn_lint_world *lint,
              size_t rule, enum pn_check check, enum grant want)
{
    enum grant got = GRANT_NONE;

    for (size_t i = 0; i < lint->report.count; i++) {
        const struct pn_finding *f = &lint->report.items[i];

        if (f->check == check && f->at.line == rule + 2)
            got = f->message ? GRANT_OTHER : GRANT_MORE;
    }
    if (got != want)
        fail_msg("%.*s: line %zu, %s: %d is true, not %d", (int)w->text.size,
                 w->text.bytes, rule + 2, pn_check_info[check].code, want, got);
}

/*
 * The check that must report a rule that decides nothing; PN_CHECK_NONE where the rule
 * decides something, or where holes make it ambiguous which one is right.
 */
static enum pn_check
dead_code(const struct pn_small_world *w, size_t rule, const struct truth *truth)
{
    const struct pn_small_rule *r = &w->rules[rule];

    if (truth->lives)
        return PN_CHECK_NONE;
    for (size_t i = 0; i < rule; i++)
        if (pn_small_same_key(&w->rules[i], r))
            return r->hole || w->rules[i].hole ? PN_CHECK_NONE : PN_CHECK_DUPLICATE_KEY;
    if (!truth->unblocked && !r->block)
        return PN_CHECK_BLOCKED;
    return r->kind >= PN_SMALL_SUFFIX ? PN_CHECK_DEAD_HOST_STEPS : PN_CHECK_COVERED;
}

/* Is a line that of a finding, or one that it names? */
static bool
is_told(const struct pn_lint_world *lint, enum pn_check check, size_t line)
{
    for (size_t i = 0; i < lint->report.count; i++) {
        const struct pn_finding *f = &lint->report.items[i];

        if (f->check != check)
            continue;
        if (f->at.line == line)
            return true;
        for (size_t k = 0; k < f->link_count && check == PN_CHECK_DEAD_HOST_STEPS; k++)
            if (lint->report.links[f->first_link + k].at.line == line)
                return true;
    }
    return false;
}

static void
check_dead(const struct pn_small_world *w, const struct pn_lint_world *lint,
           size_t rule, const struct truth *truth)
{
    static const enum pn_check codes[] = { PN_CHECK_DUPLICATE_KEY, PN_CHECK_COVERED,
                                           PN_CHECK_DEAD_HOST_STEPS, PN_CHECK_BLOCKED };
    enum pn_check want = dead_code(w, rule, truth);
    const struct pn_small_rule *r = &w->rules[rule];

    if (r->hole && r->hole_first <= r->first && r->hole_last >= r->last)
        return; /* there is nothing of it */
    for (size_t i = 0; i < PN_COUNT_OF(codes); i++)
        if (is_told(lint, codes[i], rule + 2) != (codes[i] == want) &&
            (want != PN_CHECK_NONE || truth->lives))
            fail_msg("%.*s: line %zu is %s, and %s is %d", (int)w->text.size,
                     w->text.bytes, rule + 2,
                     want == PN_CHECK_NONE ? "alive" : pn_check_info[want].code,
                     pn_check_info[codes[i]].code, codes[i] != want);
}

/* A finding says "denied by line 4" of its query: the image must say so too. */
static void
check_query(const struct pn_small_world *w, const struct pn_lint_world *lint,
            const struct pn_finding *f, const struct postern_rules *image)
{
    const struct pn_finding_query *q = &lint->report.queries[f->query];
    struct postern_origin origin = POSTERN_ORIGIN_INIT;
    char address[POSTERN_ADDR_TEXT_SIZE], want[64];
    struct postern_decision d;

    postern_addr_print(&q->address, address);
    d = pn_test_decide(image, address,
                       q->has_host ? pn_report_text(&lint->report, q->host) : NULL,
                       q->has_ident ? pn_report_text(&lint->report, q->ident) : NULL);
    assert_int_equal(postern_rules_origin(image, d.rule, &origin), POSTERN_OK);
    snprintf(want, sizeof(want), "%s by line %u",
             d.verdict == POSTERN_ALLOW ? "allowed" : "denied", origin.line);
    if (strcmp(want, pn_report_text(&lint->report, f->answer)) != 0)
        fail_msg("%.*s: %s at line %u: %s is %s, not %s", (int)w->text.size,
                 w->text.bytes, pn_check_info[f->check].code, f->at.line, address, want,
                 pn_report_text(&lint->report, f->answer));
}

static void
check_world(const struct pn_small_world *w, const struct pn_lint_world *lint)
{
    struct postern_rules *image = pn_test_rules(w->text.bytes, w->text.size);

    for (size_t r = 0; r < w->count; r++) {
        struct truth truth = find_truth(w, r);

        check_dead(w, lint, r, &truth);
        compare(w, lint, r, PN_CHECK_HOST_BEATS_DENY, truth.host_beats_deny);
        compare_grant(w, lint, r, PN_CHECK_FORGEABLE_HOST_GRANT, truth.host_grant);
        compare(w, lint, r, PN_CHECK_EVADABLE_HOST_DENY, truth.host_evaded);
        compare_grant(w, lint, r, PN_CHECK_FORGEABLE_IDENT_GRANT, truth.ident_grant);
    }
    for (size_t i = 0; i < lint->report.count; i++)
        if (lint->report.items[i].query != PN_NO_QUERY)
            check_query(w, lint, &lint->report.items[i], image);
    postern_rules_close(image);
}

static void
lint_world(void *payload, struct pn_small_world *world)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_lint_world lint;

    (void)payload;
    pn_lint_world_run(&lint, &options, world->text.bytes, world->text.size);
    check_world(world, &lint);
    pn_lint_world_clear(&lint);
}

static void
findings_are_what_brute_force_finds(void **state)
{
    (void)state;
    pn_test_each_policy(&seed, policies, lint_world, NULL);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_what_brute_force_finds),
    };

    if (argc > 1)
        policies = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
