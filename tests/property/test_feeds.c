/*
 * Safe fixes hold whatever the lists of a policy contain later: policies with lists are
 * fixed, the lists are replaced, and both texts are asked everywhere. And no fix,
 * unsafe ones included, introduces an error.
 */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysis/compiled.h"
#include "tests/support/lint_world.h"
#include "tests/support/random.h"
#include "tests/support/small_world.h"
#include "tools/input/rules_file.h"
#include "tools/lint_fix.h"

enum {
    PAIRS = 600,
    FILES = 2000,
    FEEDS = 2,
    CONTENTS = 20,
    RULES_MAX = PN_SMALL_RULES_MAX + 1
};

static int pairs = PAIRS, files = FILES; /* an argument gives another number */

static uint64_t seed = UINT64_C(0x94d049bb133111eb);

static unsigned
pick(unsigned count)
{
    return pn_test_pick(&seed, count);
}

/* A few lines: addresses of the small world, and prefixes within and around it. */
static void
feed_make(struct pn_buffer *out)
{
    out->size = 0;
    for (unsigned n = pick(5); n > 0; n--) {
        bool six = pick(2);
        unsigned length = pick(8) ? (six ? 123 : 27) + pick(6) : pick(12),
                 address = pick(8);

        if (length == (six ? 128u : 32u) && pick(2))
            pn_buffer_add_format(out, six ? "2001:db8::%u\n" : "10.0.0.%u\n", address);
        else
            pn_buffer_add_format(out, six ? "2001:db8::%u/%u\n" : "10.0.0.%u/%u\n",
                                 address, length);
    }
}

static const char *
verdict(void)
{
    static const char *const words[] = { "allow", "deny", "block", "allow, V=\"1\"" };

    return words[pick(PN_COUNT_OF(words))];
}

/* A use of a list: alone, with other elements, with holes, or as a hole. */
static void
use_make(struct pn_buffer *out)
{
    unsigned feed = pick(FEEDS);

    switch (pick(8)) {
    case 0:
        pn_buffer_add_format(out, "$f%u, 10.0.0.%u : %s\n", feed, pick(8), verdict());
        break;
    case 1:
        pn_buffer_add_format(out, "$f%u except 10.0.0.%u/30 : %s\n", feed, pick(2) * 4,
                             verdict());
        break;
    case 2:
        pn_buffer_add_format(out, "10.0.0.0/29 except $f%u : %s\n", feed, verdict());
        break;
    case 3:
        pn_buffer_add_format(out, "j@$f%u : %s\n", feed, pick(2) ? "allow" : "deny");
        break;
    default:
        pn_buffer_add_format(out, "$f%u : %s\n", feed, verdict());
        break;
    }
}

/* Rules of the small world, with some of lists between them. */
static void
policy_make(struct pn_buffer *out)
{
    struct pn_small_rule rules[RULES_MAX];
    struct pn_buffer text = { 0 };
    char *line, *rest;

    (void)pn_small_policy(&seed, rules, &text);
    pn_buffer_add(&text, "", 1);
    assert_false(text.failed);
    out->size = 0;
    for (line = strtok_r(text.bytes, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        bool header = strncmp(line, "postern", 7) == 0;
        bool rule = strchr(line, ':') != NULL && strstr(line, " : ") != NULL;

        if (rule && pick(2))
            use_make(out);
        pn_buffer_add_format(out, "%s\n", line);
        for (unsigned i = 0; header && i < FEEDS; i++)
            pn_buffer_add_format(out, "set f%u = file \"feed-%u.txt\"\n", i, i);
    }
    pn_buffer_free(&text);
}

static void
draft_add(struct pn_drafts *drafts, const char *name, const struct pn_buffer *text)
{
    struct pn_source source;

    assert_true(pn_source_from_text(
        &source, name, (struct pn_str){ text->size ? text->bytes : "", text->size }));
    assert_non_null(pn_drafts_get(drafts, &source));
    pn_source_clear(&source);
}

static void
drafts_make(struct pn_drafts *drafts, const struct pn_buffer *policy,
            const struct pn_buffer *feeds)
{
    *drafts = (struct pn_drafts){ .count = 0 };
    draft_add(drafts, "small.rules", policy);
    for (unsigned i = 0; i < FEEDS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "feed-%u.txt", i);
        draft_add(drafts, name, &feeds[i]);
    }
}

/* The number of fixes made; *refused is the number that could not be proven. */
static size_t
fix(struct pn_drafts *drafts, bool unsafe, size_t *refused)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_tool tool = { 0 };
    bool on[PN_CHECK_NONE];
    struct pn_fix_operand operand = { .name = "small.rules",
                                      .options = &options,
                                      .on = on };
    struct pn_fixing fixing = {
        .tool = &tool, .operands = &operand, .count = 1, .unsafe = unsafe
    };

    for (int c = 0; c < PN_CHECK_NONE; c++)
        on[c] = pn_check_info[c].on;
    assert_int_equal(pn_fix_run(&fixing, drafts), PN_EXIT_OK);
    pn_fix_operand_clear(&operand);
    pn_fixing_clear(&fixing);
    *refused += fixing.refused;
    return fixing.applied;
}

/* A text with lists, as it is served. */
struct serving {
    struct pn_drafts drafts;
    struct pn_source root;
    struct pn_compiled compiled;
};

static void
serving_begin(struct serving *s, const struct pn_buffer *policy,
              const struct pn_buffer *feeds)
{
    struct pn_compiled_options how;

    drafts_make(&s->drafts, policy, feeds);
    how = (struct pn_compiled_options){ .reading = pn_drafts_reading(&s->drafts) };
    s->compiled = PN_COMPILED_NONE;
    assert_true(
        pn_drafts_read(&s->drafts, "small.rules", PN_SOURCE_SIZE_MAX, &s->root));
    assert_true(pn_compiled_make(&s->compiled, &s->root, &how));
}

static void
serving_end(struct serving *s)
{
    pn_compiled_clear(&s->compiled);
    pn_source_clear(&s->root);
    pn_drafts_clear(&s->drafts);
}

static void
check_alike(const struct pn_buffer *before, const struct pn_buffer *after,
            const struct pn_buffer *feeds)
{
    struct serving left, right;
    struct pn_difference d = { 0 };

    serving_begin(&left, before, feeds);
    serving_begin(&right, after, feeds);
    if (!left.compiled.rules != !right.compiled.rules)
        fail_msg("one of these compiles:\n%.*s\n%.*s", (int)before->size, before->bytes,
                 (int)after->size, after->bytes);
    if (left.compiled.rules)
        assert_int_equal(pn_images_equivalent(pn_compiled_image(&left.compiled),
                                              pn_compiled_image(&right.compiled), &d,
                                              NULL),
                         POSTERN_OK);
    if (d.found)
        fail_msg("%.*s\nbecame\n%.*s\nwhich differs with\n%.*s--\n%.*s",
                 (int)before->size, before->bytes, (int)after->size, after->bytes,
                 (int)feeds[0].size, feeds[0].bytes, (int)feeds[1].size,
                 feeds[1].bytes);
    pn_difference_clear(&d);
    serving_end(&left);
    serving_end(&right);
}

static void
safe_mends_hold_whatever_lists_hold(void **state)
{
    struct pn_buffer policy = { 0 }, feeds[FEEDS] = { { 0 } };
    size_t applied = 0, refused = 0;

    (void)state;
    for (int n = 0; n < pairs; n += CONTENTS) {
        struct pn_drafts drafts;

        policy_make(&policy);
        for (size_t i = 0; i < FEEDS; i++)
            feed_make(&feeds[i]);
        drafts_make(&drafts, &policy, feeds);
        applied += fix(&drafts, false, &refused);
        if (refused)
            fail_msg("%.*s\n%.*s--\n%.*s: called safe, and not proven",
                     (int)policy.size, policy.bytes, (int)feeds[0].size, feeds[0].bytes,
                     (int)feeds[1].size, feeds[1].bytes);
        check_alike(&policy, &drafts.items[0].text, feeds);
        for (int c = 0; c < CONTENTS; c++) {
            for (size_t i = 0; i < FEEDS; i++)
                feed_make(&feeds[i]);
            check_alike(&policy, &drafts.items[0].text, feeds);
        }
        pn_drafts_clear(&drafts);
    }
    print_message("%d pairs, %zu mends\n", pairs, applied);
    assert_true(applied * CONTENTS > (size_t)pairs);
    pn_buffer_free(&policy);
    for (size_t i = 0; i < FEEDS; i++)
        pn_buffer_free(&feeds[i]);
}

/* Keys as people write them, right and wrong. */
static const char *const classic_keys[] = {
    "127.",      "10.1",       "10.1.",    "ALL",        "*",         "",
    "5.6.7.8",   "5.6.7.8.",   "5.6.",     "5.6",        "=MX.b.c",   "=.b.c",
    ".b.c",      "*.b.c",      "10.1.2.x", "10.0.0.0/8", "5.0.0.0/8", "010.1.2.3",
    "joe@5.6.",  "@5.6.7.8",   "5-9.",     "5.9-6.",     "5.6.1-3.",  "=localhost",
    "2001:db8:", "10.1.2.300", "=a..b",    "5. 6.7.8",   "=.co.uk",   "0/0",
};

static const char *const classic_settings[] = {
    "allow",
    "deny",
    "allow,RELAYCLIENT=\"\"",
    "allow, RELAYCLIENT=\"\"",
    "allow,RELAYCLEINT=\"\"",
    "allow,RBLSMTPD=\"\"",
    "allow,RBLSMPTD=\"-no\"",
    "deny,RELAYCLIENT=\"\"",
    "allow,AXFR=\"a.b,c.d\"",
    "allow,PTH=\"x\",LD_PRELOD=\"y\"",
    "allow,RELAYCLIENT=\"x\"",
    "allow,A=127.0.0.1",
    "allow,RELAYCLIENT=\"\",RELAYCLIENT=\"\"",
};

#define ANY(list) (list)[pick((unsigned)PN_COUNT_OF(list))]

static void
classic_make(struct pn_buffer *out)
{
    out->size = 0;
    for (unsigned n = 1 + pick(6); n > 0; n--)
        pn_buffer_add_format(out, "%s:%s\n", ANY(classic_keys), ANY(classic_settings));
}

static void
extended_make(struct pn_buffer *out)
{
    static const char *const keys[] = {
        "10.1.0.0/16", "10.1",
        "5.6.7.8",     "5.6.0.0/15",
        "5.6.7.0/8",   "=.b.c",
        ".b.c",        "=MX.b.c",
        "010.1.2.3",   "*.b.c",
        "joe@5.6.7.8", "::/0",
        "0.0.0.0/1",   "5.6.7.9-5.6.7.1",
        "=localhost",  "10.1.2.x",
        "=",           "joe@*",
        "ALL",         "2001:db8::/32",
    };
    static const char *const settings[] = {
        "allow",
        "deny",
        "block",
        "allow, RELAYCLIENT=\"\"",
        "allow, RELAYCLEINT=\"\"",
        "allow, RELAYCLIENT=\"x\"",
        "allow, RBLSMTPD=\"-no\"",
        "allow, until 2020-01-01",
    };

    out->size = 0;
    pn_buffer_add_text(out, "postern: 1\n");
    for (unsigned n = 1 + pick(6); n > 0; n--)
        pn_buffer_add_format(out, "%s : %s\n", ANY(keys), ANY(settings));
    pn_buffer_add_format(out, "* : %s\n", ANY(settings));
}

static void
errors_count(const struct pn_buffer *text, size_t *counts)
{
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_lint_world world;

    memset(counts, 0, PN_CHECK_NONE * sizeof(*counts));
    pn_lint_world_run(&world, &options, text->size ? text->bytes : "", text->size);
    for (size_t i = 0; i < world.report.count; i++)
        if (world.report.items[i].severity == PN_ERROR)
            counts[world.report.items[i].check]++;
    pn_lint_world_clear(&world);
}

/* Empty texts for the lists of a policy that has none. */
static void
no_mend_brings_in_an_error(void **state)
{
    struct pn_buffer text = { 0 }, feeds[FEEDS] = { { 0 } };
    size_t before[PN_CHECK_NONE], after[PN_CHECK_NONE], applied = 0;
    size_t refused = 0;

    (void)state;
    for (int n = 0; n < files; n++) {
        struct pn_drafts drafts;

        if (n % 2)
            extended_make(&text);
        else
            classic_make(&text);
        drafts_make(&drafts, &text, feeds);
        applied += fix(&drafts, true, &refused);
        errors_count(&text, before);
        errors_count(&drafts.items[0].text, after);
        for (int c = 0; c < PN_CHECK_NONE; c++)
            if (after[c] > before[c])
                fail_msg("%.*s\nbecame\n%.*s\nwith %s", (int)text.size, text.bytes,
                         (int)drafts.items[0].text.size, drafts.items[0].text.bytes,
                         pn_check_info[c].name);
        pn_drafts_clear(&drafts);
    }
    print_message("%d files, %zu mends\n", files, applied);
    assert_true(applied > (size_t)files);
    pn_buffer_free(&text);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe_mends_hold_whatever_lists_hold),
        cmocka_unit_test(no_mend_brings_in_an_error),
    };

    if (argc > 1)
        pairs = files = (int)strtol(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
