/*
 * Policies that share files are fixed together: no decision of any of them changes, by
 * enumeration, in whichever order they are named; and a file that is included by one
 * alone stays as it is, unless all of its users are said to be at hand.
 */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "analysis/compiled.h"
#include "tests/support/lint_world.h"
#include "tests/support/small_world.h"
#include "tools/input/rules_file.h"
#include "tools/lint_fix.h"

enum { SETS = 5000, OPERANDS = 3, SHARED = 2, FILES = OPERANDS + SHARED };

static int sets = SETS; /* an argument gives another number */

static uint64_t seed = UINT64_C(0x94d049bb133111eb);

static const char *const names[FILES] = { "none/a.rules", "none/b.rules",
                                          "none/c.rules", "none/shared.rules",
                                          "none/more.rules" };

/* A query of the small world. */
enum { QUERIES = 4096 };

struct decisions {
    char items[QUERIES];
    size_t count;
};

static unsigned
draw(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % below;
}

/* The rules of a random policy, without its header and its default. */
static void
rules_add(struct pn_buffer *out, bool whole)
{
    struct pn_small_rule rules[PN_SMALL_RULES_MAX + 1];
    struct pn_buffer text = { 0 };
    const char *front, *back;

    (void)pn_small_policy(&seed, rules, &text);
    assert_false(text.failed);
    front = (const char *)memchr(text.bytes, '\n', text.size) + 1;
    back = text.bytes + text.size - 1;
    while (!whole && back[-1] != '\n')
        back--;
    if (whole)
        back++;
    pn_buffer_add(out, front, (size_t)(back - front));
    pn_buffer_free(&text);
}

static void
file_add(struct pn_drafts *drafts, size_t number, const struct pn_buffer *text)
{
    struct pn_source source;

    assert_false(text->failed);
    assert_true(pn_source_from_text(&source, names[number],
                                    (struct pn_str){ text->bytes, text->size }));
    assert_non_null(pn_drafts_get(drafts, &source));
    pn_source_clear(&source);
}

/* Files of a set; who includes what is a bit each. */
static void
set_make(struct pn_drafts *drafts, unsigned *includes)
{
    for (size_t i = 0; i < FILES; i++) {
        struct pn_buffer text = { 0 };

        pn_buffer_add_text(&text, "postern: 1\n");
        includes[i] = 0;
        for (size_t s = 0; s < SHARED; s++)
            if ((i < OPERANDS && draw(3)) || (i == OPERANDS + 1 && !s && !draw(4))) {
                includes[i] |= 1u << s;
                pn_buffer_add_format(&text, "include \"%s\"\n",
                                     names[OPERANDS + s] + strlen("none/"));
            }
        rules_add(&text, i < OPERANDS);
        file_add(drafts, i, &text);
        pn_buffer_free(&text);
    }
}

static bool
decisions_get(struct pn_drafts *drafts, const char *name, struct decisions *out)
{
    const struct pn_compiled_options how = { .reading = pn_drafts_reading(drafts) };
    struct pn_compiled compiled = PN_COMPILED_NONE;
    struct pn_source root;
    bool good;

    out->count = 0;
    assert_true(pn_drafts_read(drafts, name, PN_SOURCE_SIZE_MAX, &root));
    assert_true(pn_compiled_make(&compiled, &root, &how));
    good = compiled.rules != NULL;
    for (unsigned n = 0; n <= PN_SMALL_GAP && good; n++)
        for (size_t h = 0; h < pn_small_host_count; h++)
            for (size_t i = 0; i < pn_small_ident_count; i++)
                for (int family = 4; family <= 6; family += 2) {
                    struct postern_decision d;
                    struct postern_env env;
                    char address[64], value = '-';

                    pn_small_address(address, family, n);
                    d = pn_test_decide(compiled.rules, address, pn_small_hosts[h],
                                       pn_small_idents[i]);
                    while (postern_env_next(&d.env, &env))
                        value = env.value.ptr[0];
                    assert_true(out->count + 2 <= QUERIES);
                    out->items[out->count++] = d.verdict == POSTERN_ALLOW ? 'a' : 'd';
                    out->items[out->count++] = d.verdict == POSTERN_ALLOW ? value : '-';
                }
    pn_compiled_clear(&compiled);
    pn_source_clear(&root);
    return good;
}

static struct pn_fixing
fixing_make(struct pn_tool *tool, struct pn_fix_operand *operands,
            const struct pn_lint_options *options, const bool *on, bool reversed)
{
    for (size_t i = 0; i < OPERANDS; i++)
        operands[i] = (struct pn_fix_operand){
            .name = names[reversed ? OPERANDS - 1 - i : i],
            .options = options,
            .on = on,
        };
    return (struct pn_fixing){ .tool = tool, .operands = operands, .count = OPERANDS };
}

/* A file is as it was, when one operand alone has it. */
static void
check_shared(const struct pn_drafts *drafts, const unsigned *includes)
{
    for (size_t s = 0; s < SHARED; s++) {
        size_t users = 0;

        for (size_t i = 0; i < OPERANDS; i++)
            users += (includes[i] >> s & 1) ||
                     (!s && (includes[i] >> 1 & 1) && includes[OPERANDS + 1]);
        if (users < 2)
            assert_false(pn_draft_is_changed(&drafts->items[OPERANDS + s]));
    }
}

struct counts {
    size_t applied, shared, refused;
};

static void
check_set(int n, struct counts *counts)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_fix_operand operands[OPERANDS];
    struct decisions before[OPERANDS], after;
    bool on[PN_CHECK_NONE], compiles[OPERANDS];
    struct pn_drafts drafts = { 0 };
    struct pn_tool tool = { 0 };
    unsigned includes[FILES];
    struct pn_fixing fixing = fixing_make(&tool, operands, &options, on, (n & 1) != 0);

    for (int c = 0; c < PN_CHECK_NONE; c++)
        on[c] = pn_check_info[c].on;
    set_make(&drafts, includes);
    for (size_t i = 0; i < OPERANDS; i++)
        compiles[i] = decisions_get(&drafts, names[i], &before[i]);
    fixing.all_users = n % 3 == 0;
    assert_int_equal(pn_fix_run(&fixing, &drafts), PN_EXIT_OK);
    for (size_t i = 0; i < OPERANDS; i++) {
        assert_true(decisions_get(&drafts, names[i], &after) == compiles[i]);
        if (compiles[i] && memcmp(before[i].items, after.items, after.count) != 0)
            fail_msg("set %d: %s decides otherwise: %.*s became %.*s", n, names[i],
                     (int)drafts.items[i].before.size, drafts.items[i].before.bytes,
                     (int)drafts.items[i].text.size, drafts.items[i].text.bytes);
    }
    if (!fixing.all_users)
        check_shared(&drafts, includes);
    for (size_t s = 0; s < SHARED; s++)
        counts->shared += pn_draft_is_changed(&drafts.items[OPERANDS + s]);
    counts->applied += fixing.applied;
    counts->refused += fixing.refused;
    pn_fixing_clear(&fixing);
    for (size_t i = 0; i < OPERANDS; i++)
        pn_fix_operand_clear(&operands[i]);
    pn_drafts_clear(&drafts);
}

static void
policies_that_share_files_are_fixed_together(void **state)
{
    struct counts counts = { 0 };

    (void)state;
    for (int n = 0; n < sets; n++)
        check_set(n, &counts);
    print_message("%zu mends, %zu shared files mended, %zu mends refused\n",
                  counts.applied, counts.shared, counts.refused);
    assert_true(counts.applied > (size_t)sets);
    assert_true(counts.shared > (size_t)sets / 10);
    assert_true(counts.refused > (size_t)sets / 100); /* else nothing was at stake */
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_that_share_files_are_fixed_together),
    };

    if (argc > 1)
        sets = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
