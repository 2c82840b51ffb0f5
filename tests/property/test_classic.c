/*
 * The analyses of classic files against look-ups of text: random files with all forms
 * of keys, and clients of every pattern of zero groups, printed by this test's own
 * printer.
 */
#include <stdio.h>
#include <stdlib.h>

#include "analysis/compiled.h"
#include "analysis/difference.h"
#include "compiler/images_equivalent.h"
#include "tests/support/classic_world.h"
#include "tests/support/harness.h"
#include "tests/support/lint_world.h"
#include "tools/input/rules_file.h"
#include "tools/lint_fix.h"

#define NOBODY (POSTERN_RULE_NONE - 1)

enum { FILES = 20000, CLIENTS = 60 };

static int files = FILES; /* an argument gives another number */
static uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);

/* The key of the rule that an image names. */
static struct postern_str
target_of(const struct postern_rules *rules, uint32_t rule)
{
    struct postern_origin origin = POSTERN_ORIGIN_INIT;

    if (rule >= NOBODY || postern_rules_origin(rules, rule, &origin) != POSTERN_OK ||
        !origin.target.ptr)
        return (struct postern_str){ NULL, 0 }; /* what nobody wrote allows */
    return origin.target;
}

static bool
is_truth(const struct pn_classic_file *f, int truth, struct postern_str target)
{
    const char *key = truth < 0 ? "" : f->rules[truth].key;

    return truth < 0 ? !target.len
                     : target.ptr && target.len == strlen(key) &&
                           memcmp(target.ptr, key, target.len) == 0;
}

/* A number for each rule, and for none. */
static uint32_t
number_of(void *payload, uint32_t rule)
{
    (void)payload;
    return rule == POSTERN_RULE_NONE ? NOBODY : rule;
}

/* An image answers so, and each client is in one block, of the rule that decides it. */
static void
check_image(const struct pn_classic_file *f, const struct postern_rules *rules,
            const struct pn_decoded *decoded)
{
    struct pn_regions r = { .sides = { { rules, decoded, number_of, NULL } },
                            .side_count = 1,
                            .host = PN_ASK_ALL,
                            .ident = PN_ASK_ALL };
    struct pn_regions plain = { .sides = { { rules, decoded, number_of, NULL } },
                                .side_count = 1 };
    struct pn_blocks blocks;
    pn_number sum = 0;

    assert_int_equal(pn_blocks_collect(&blocks, &r), POSTERN_OK);
    for (int n = 0; n < CLIENTS; n++) {
        struct postern_decision d = POSTERN_DECISION_INIT;
        struct postern_query q;
        struct pn_classic_client c;
        size_t in = 0;
        int truth;

        pn_classic_random_client(&seed, &c);
        q = pn_classic_query(&c);
        truth = pn_classic_truth(f, &c);
        assert_int_equal(postern_rules_decide(rules, &q, &d), POSTERN_OK);
        if (!is_truth(f, truth, target_of(rules, d.rule)))
            pn_classic_broken(f, &c, "decided");
        for (size_t i = 0; i < blocks.count; i++)
            if (pn_block_holds(&blocks, &blocks.items[i], &q)) {
                in++;
                if (!is_truth(f, truth, target_of(rules, blocks.items[i].class)))
                    pn_classic_broken(f, &c, "in a block of another rule");
            }
        if (in != 1)
            pn_classic_broken(f, &c, in ? "in two blocks" : "in no block");
    }
    for (size_t i = 0; i < blocks.count; i++) {
        struct postern_query q = pn_block_witness(&blocks, &blocks.items[i]);
        struct postern_decision d = POSTERN_DECISION_INIT;

        assert_int_equal(postern_rules_decide(rules, &q, &d), POSTERN_OK);
        if (number_of(NULL, d.rule) != blocks.items[i].class ||
            !pn_block_holds(&blocks, &blocks.items[i], &q))
            fail_msg("a witness that is none: %s", f->text);
    }
    pn_blocks_clear(&blocks);
    pn_regions_clear(&r);
    assert_int_equal(pn_blocks_collect(&blocks, &plain), POSTERN_OK);
    for (size_t i = 0; i < blocks.count; i++)
        sum += pn_block_size(&blocks, &blocks.items[i]);
    if (sum) /* 2^128, of both families */
        fail_msg("the sizes are not those of all addresses: %s", f->text);
    pn_blocks_clear(&blocks);
    pn_regions_clear(&plain);
}

static void
serve(const struct pn_classic_file *f, struct pn_source *source,
      struct pn_compiled *out)
{
    struct pn_compiled_options how = { .reading = { NULL, NULL, NULL, 0 } };

    assert_true(pn_source_from_text(source, "r.rules",
                                    (struct pn_str){ f->text, strlen(f->text) }));
    assert_true(pn_compiled_make(out, source, &how));
    assert_non_null(out->rules);
}

static bool
decisions_differ(const struct postern_decision *a, const struct postern_decision *b)
{
    return a->verdict != b->verdict ||
           (a->env.at == a->env.end) != (b->env.at == b->env.end);
}

/* Clients that a change affects. */
static void
check_change(const struct pn_classic_file *old, const struct pn_classic_file *new)
{
    struct pn_change_question question = { .no_host = false };
    struct postern_rules *rules[2];
    struct pn_decoded decoded[2];
    struct pn_side sides[2];
    struct pn_changes changes;

    for (size_t i = 0; i < 2; i++) {
        const char *text = i ? new->text : old->text;

        pn_test_decode(text, strlen(text), &rules[i], &decoded[i]);
        sides[i] = (struct pn_side){ rules[i], &decoded[i], number_of, NULL };
    }
    assert_int_equal(pn_changes_find(&changes, sides, &question), POSTERN_OK);
    for (int n = 0; n < CLIENTS; n++) {
        struct postern_decision d[2] = { POSTERN_DECISION_INIT, POSTERN_DECISION_INIT };
        struct postern_query q;
        struct pn_classic_client c;
        bool told = false;

        pn_classic_random_client(&seed, &c);
        q = pn_classic_query(&c);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(postern_rules_decide(rules[i], &q, &d[i]), POSTERN_OK);
        for (size_t i = 0; i < changes.blocks.count; i++)
            told |= pn_block_holds(&changes.blocks, &changes.blocks.items[i], &q);
        if (decisions_differ(&d[0], &d[1]) != told)
            pn_classic_broken(old, &c, new->text);
    }
    pn_changes_clear(&changes);
    for (size_t i = 0; i < 2; i++) {
        postern_rules_close(rules[i]);
        pn_decoded_clear(&decoded[i]);
    }
}

/* The network of a key is that of the groups that a client's text has in it: so many.
 */
static unsigned
groups_in(const char *key, const char *text)
{
    const char *run = strstr(key, "::");
    unsigned colons = 0, all = 0;

    for (const char *c = key; *c; c++)
        colons += *c == ':';
    if (!run)
        return strcmp(key, ":") == 0 ? 0 : colons;
    if (!run[2])
        return run == key ? 0 : colons - 1;
    for (const char *c = text; *c; c++)
        all += *c == ':';
    /* seven colons are between eight groups; a run at an end has one more */
    run = strstr(text, "::");
    all -= run == text || !run[2];
    return colons - (key[0] == ':') + (PN_CLASSIC_GROUPS - 1 - all);
}

/* A client of the same network, other zeros behind it. */
static void
neighbour(const struct pn_classic_client *c, unsigned groups, unsigned bits,
          struct pn_classic_client *out)
{
    struct postern_addr address = c->address;

    for (unsigned g = groups; g < PN_CLASSIC_GROUPS; g++) {
        address.bytes[2 * g] = 0;
        address.bytes[2 * g + 1] = bits >> g & 1;
    }
    pn_classic_client_of(&address, out);
}

static bool
begins_with(const char *text, const char *key)
{
    if (strcmp(key, ":") == 0)
        key = "::";
    return strncmp(text, key, strlen(key)) == 0;
}

/* Of a key that one client of a network asks for and another does not, P117 tells. */
static void
check_told_of_spelling(const struct pn_classic_file *f,
                       const struct pn_lint_world *lint,
                       const struct pn_classic_client *c)
{
    for (size_t i = 0; i < f->count; i++) {
        const char *key = f->rules[i].key;
        size_t len = strlen(key);
        struct pn_classic_client other;

        if (!len || key[len - 1] != ':' || !begins_with(c->text, key) ||
            pn_lint_world_has(lint, PN_CHECK_MATCHES_BY_SPELLING, i + 1))
            continue;
        for (unsigned bits = 0; bits < 256; bits++) {
            neighbour(c, groups_in(key, c->text), bits, &other);
            if (other.address.family == 6 && !begins_with(other.text, key) &&
                strncmp(other.text, "::ffff:", 7) != 0)
                pn_classic_broken(f, &other, "does not ask, and P117 is not told");
        }
    }
}

/* P117 shows a client that asks for the key, and one of the same network that does not.
 */
static void
check_spelling(const struct pn_classic_file *f, const struct pn_lint_world *lint,
               const struct pn_finding *finding)
{
    const char *help = pn_report_text(&lint->report, finding->help);
    const char *key = f->rules[finding->at.line - 1].key;
    const char *end = strstr(help, " does not ask"), *start = strstr(help, "as "), *at;
    const struct pn_finding_query *q;
    struct pn_classic_client c, other;
    unsigned groups;

    if (finding->query == PN_NO_QUERY || !end)
        fail_msg("P117 lacks a client: %s%s", f->text, help);
    q = &lint->report.queries[finding->query];
    pn_classic_client_of(&q->address, &c);
    if (!begins_with(c.text, key))
        pn_classic_broken(f, &c, "does not ask, as P117 says");
    if (start && start < end && strncmp(start + 3, c.text, strlen(c.text)) == 0)
        help = strstr(help, "; ") + 2;
    at = strpbrk(help, ", ");
    assert_true(postern_addr_parse(help, (size_t)(at - help), &other.address));
    pn_classic_client_of(&other.address, &other);
    if (begins_with(other.text, key))
        pn_classic_broken(f, &other, "asks, and P117 says it does not");
    groups = groups_in(key, c.text);
    if (memcmp(c.address.bytes, other.address.bytes, 2 * (size_t)groups) != 0)
        pn_classic_broken(f, &other, "is of another network");
}

static const char *const no_client[] = { "P116", "P201", "P202", "P203" };
/* A key that the linter reports as never asked for is asked for by no client. */
static void
check_lint(const struct pn_classic_file *f)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_lint_world lint;

    pn_lint_world_run(&lint, &options, f->text, strlen(f->text));
    for (int n = 0; n < CLIENTS; n++) {
        struct pn_classic_client c;
        int truth;

        pn_classic_random_client(&seed, &c);
        truth = pn_classic_truth(f, &c);
        check_told_of_spelling(f, &lint, &c);
        if (truth < 0)
            continue;
        for (size_t i = 0; i < lint.report.count; i++) {
            const struct pn_finding *finding = &lint.report.items[i];
            const char *code = pn_check_info[finding->check].code;

            for (size_t k = 0; k < PN_COUNT_OF(no_client); k++)
                if (finding->at.line == (unsigned)truth + 1 &&
                    !strcmp(code, no_client[k]))
                    pn_classic_broken(f, &c, code);
        }
    }
    for (size_t i = 0; i < lint.report.count; i++)
        if (lint.report.items[i].check == PN_CHECK_MATCHES_BY_SPELLING)
            check_spelling(f, &lint, &lint.report.items[i]);
    pn_lint_world_clear(&lint);
}

/* Fixes of the linter change no decision. */
static void
check_mends(const struct pn_classic_file *f, struct postern_rules *rules)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_fix_operand operand = { .name = "r.rules", .options = &options };
    struct pn_tool tool = { 0 };
    struct pn_fixing fixing = { .tool = &tool, .operands = &operand, .count = 1 };
    struct pn_drafts drafts = { 0 };
    struct postern_rules *fixed;
    struct pn_source source;
    bool on[PN_CHECK_NONE];

    for (int i = 0; i < PN_CHECK_NONE; i++)
        on[i] = true;
    operand.on = on;
    assert_true(pn_source_from_text(&source, "r.rules",
                                    (struct pn_str){ f->text, strlen(f->text) }));
    assert_non_null(pn_drafts_get(&drafts, &source));
    pn_source_clear(&source);
    assert_int_equal(pn_fix_run(&fixing, &drafts), PN_EXIT_OK);
    fixed = pn_test_rules(drafts.items[0].text.bytes, drafts.items[0].text.size);
    for (int n = 0; n < CLIENTS; n++) {
        struct postern_decision a = POSTERN_DECISION_INIT, b = POSTERN_DECISION_INIT;
        struct postern_query q;
        struct pn_classic_client c;

        pn_classic_random_client(&seed, &c);
        q = pn_classic_query(&c);
        assert_int_equal(postern_rules_decide(rules, &q, &a), POSTERN_OK);
        assert_int_equal(postern_rules_decide(fixed, &q, &b), POSTERN_OK);
        if (decisions_differ(&a, &b))
            pn_classic_broken(f, &c, drafts.items[0].text.bytes);
    }
    postern_rules_close(fixed);
    pn_fixing_clear(&fixing);
    pn_fix_operand_clear(&operand);
    pn_drafts_clear(&drafts);
}

static void
nothing_said_of_a_classic_file_is_contradicted(void **state)
{
    struct pn_classic_file f, before = { .count = 0, .text = "" };

    (void)state;
    for (int n = 0; n < files; n++) {
        struct postern_rules *rules;
        struct pn_decoded decoded;
        struct pn_source source;
        struct pn_compiled compiled;
        struct pn_difference difference;

        pn_classic_random_file(&seed, &f);
        pn_test_decode(f.text, strlen(f.text), &rules, &decoded);
        check_image(&f, rules, &decoded);
        serve(&f, &source, &compiled);
        check_image(&f, compiled.rules, &compiled.decoded);
        assert_int_equal(pn_images_equivalent((struct pn_image){ rules, &decoded },
                                              pn_compiled_image(&compiled), &difference,
                                              NULL),
                         POSTERN_OK);
        if (difference.found)
            fail_msg("classic and native differ: %s", f.text);
        pn_difference_clear(&difference);
        check_lint(&f);
        check_mends(&f, rules);
        check_change(&before, &f);
        before = f;
        pn_compiled_clear(&compiled);
        pn_source_clear(&source);
        postern_rules_close(rules);
        pn_decoded_clear(&decoded);
    }
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_of_a_classic_file_is_contradicted),
    };

    if (argc > 1)
        files = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
