/* The passes of the linter do not depend on each other: any order finds the same. */
#include "tests/support/harness.h"

#include <errno.h>
#include <stdlib.h>

#include "analysis/lint/passes.h"
#include "tests/support/lint_world.h"
#include "tests/support/random.h"

enum { ORDERS = 24 };

/* Files of policies that have something for every pass, duplicates above all: those of
 * one set are not neighbours in the order of addresses. */
static const struct {
    const char *name, *text;
} files[] = {
    { "first.rules", "10.0.0.1:allow\n10.0.0.2:allow\n10.0.0.3:allow\n"
                     "=a.example:allow\n=b.example:allow\n=c.example:allow\n" },
    { "overridden.rules", "postern: 1\n"
                          "include \"first.rules\"\n"
                          "set twice = { 10.0.0.1, 10.0.0.3, =a.example, =c.example }\n"
                          "$twice : deny\n"
                          "10.0.0.2, =b.example : deny\n"
                          "10.0.0.2 : deny\n"
                          "* : deny\n" },
    { "mixed.rules",
      "postern: 1\n"
      "set unused = 10.0.0.1\n"
      "set odd = { 192.0.2.0/25, 192.0.2.128/25, 192.0.2.7 }\n"
      "$odd : allow, RELAYCLIENT=\"\"\n"
      "198.51.100.0/24 : allow, RELAYCLIENT=\"\", TCPREMOTEIP=\"x\", RELAYCLENT=\"\"\n"
      "198.51.100.0/24 : deny\n"
      "203.0.113.0/25 : deny\n"
      "203.0.113.128/25 : deny\n"
      "203.0.113.9 : deny\n"
      "::ffff:10.0.0.1 : allow\n"
      "=.example.com, =localhost : allow\n"
      "joe@* : allow, RELAYCLIENT=\"\"\n"
      "expect 203.0.113.9 : deny\n"
      "expect 203.0.113.9 : deny\n"
      "* : deny\n" },
    { "classic.rules", "10.0.0.1:allow\n10.0.0.1:deny\n10.0.0:deny\n010.0.0.2:allow\n"
                       "=A.example:allow\nno colon\n10.0.0-300.:deny\n:allow,A=\"b\n" },
};

static bool
read_file(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    (void)payload;
    (void)limit;
    for (size_t i = 0; i < PN_COUNT_OF(files); i++)
        if (strcmp(files[i].name, path) == 0)
            return pn_source_from_text(
                out, path, (struct pn_str){ files[i].text, strlen(files[i].text) });
    errno = ENOENT;
    return false;
}

static int
compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* What a user sees of a finding, in a line that ends in a NUL. */
static char *
finding_line(const struct pn_report *report, const struct pn_finding *f)
{
    struct pn_buffer line = { 0 };

    pn_buffer_add_format(
        &line, "%s:%u:%u %u %s sev %u safe %d %s/%s/%s/%s",
        pn_report_text(report, f->at.file), f->at.line, f->at.column, f->at.size,
        pn_check_info[f->check].name, f->severity, f->safe,
        pn_report_text(report, f->message), pn_report_text(report, f->label),
        pn_report_text(report, f->help), pn_report_text(report, f->answer));
    for (size_t k = 0; k < f->edit_count; k++) {
        const struct pn_edit *e = &report->edits[f->first_edit + k];

        pn_buffer_add_format(&line, " edit %u %u+%u '%s'", e->file, e->span.offset,
                             e->span.size, pn_report_text(report, e->text));
    }
    for (size_t k = 0; k < f->link_count; k++) {
        const struct pn_finding_link *l = &report->links[f->first_link + k];

        pn_buffer_add_format(&line, " link %u '%s'", l->at.line,
                             pn_report_text(report, l->message));
    }
    pn_buffer_add(&line, "\n", 2);
    assert_false(line.failed);
    return line.bytes;
}

/* All findings. Files come in the order in which the passes have found something in
 * them, so the lines are sorted. */
static char *
findings_text(const struct pn_report *report)
{
    char **lines = calloc(report->count + 1, sizeof(*lines));
    struct pn_buffer all = { 0 };

    assert_non_null(lines);
    for (size_t i = 0; i < report->count; i++)
        lines[i] = finding_line(report, &report->items[i]);
    qsort(lines, report->count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < report->count; i++) {
        pn_buffer_add_text(&all, lines[i]);
        free(lines[i]);
    }
    pn_buffer_add(&all, "", 1);
    assert_false(all.failed);
    free(lines);
    return all.bytes;
}

/* Lints a file with the passes in this order. */
static char *
lint_in_order(size_t file, const pn_lint_pass_fn *passes, size_t count)
{
    struct pn_lint_world world = { .diags = { .limit = 100 } };
    struct pn_lint_options options = pn_lint_world_options();
    struct pn_lint lint = { .options = &options,
                            .report = &world.report,
                            .loaded = &world.loaded,
                            .diags = &world.diags };
    char *text;

    options.reading = (struct pn_reading){ .read = read_file };
    pn_report_begin(&world.report);
    for (int c = 0; c < PN_CHECK_NONE; c++)
        world.report.on[c] = true;
    assert_true(pn_source_from_text(
        &world.source, files[file].name,
        (struct pn_str){ files[file].text, strlen(files[file].text) }));
    if (pn_lint_begin(&lint, &world.source, NULL))
        for (size_t i = 0; i < count; i++)
            passes[i](&lint);
    assert_true(pn_lint_end(&lint));
    text = findings_text(&world.report);
    pn_lint_world_clear(&world);
    return text;
}

static void
shuffle(uint64_t *state, pn_lint_pass_fn *passes, size_t count)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t k = pn_test_pick(state, (unsigned)i + 1);
        pn_lint_pass_fn kept = passes[i];

        passes[i] = passes[k];
        passes[k] = kept;
    }
}

static void
passes_find_the_same_in_any_order(void **state)
{
    uint64_t seed = 20;

    (void)state;
    for (size_t file = 1; file < PN_COUNT_OF(files); file++) {
        pn_lint_pass_fn passes[PN_CHECK_NONE];
        size_t count = pn_lint_passes(passes);
        char *expected = lint_in_order(file, passes, count);

        assert_true(strlen(expected) > 0);
        for (size_t i = 0; i < ORDERS; i++) {
            char *found;

            shuffle(&seed, passes, count);
            found = lint_in_order(file, passes, count);
            if (strcmp(found, expected) != 0)
                fail_msg("%s: found\n%s\nnot\n%s", files[file].name, found, expected);
            free(found);
        }
        free(expected);
    }
}

/* Two keys of a set are overridden, with another rule's between them. */
static void
an_overridden_set_is_one_finding(void **state)
{
    static const pn_lint_pass_fn alone[] = { pn_lint_surprises };
    size_t count = 0;
    char *found = lint_in_order(1, alone, 1);

    (void)state;
    for (const char *at = found; (at = strstr(at, "include-overrides")); at++)
        count++;
    assert_int_equal(count, 4); /* the set, 10.0.0.2 twice, =b.example */
    free(found);
}

/* A family is a pass once, whatever the order of its rows, and `none` is no pass. */
static void
each_family_is_one_pass(void **state)
{
    static const pn_lint_pass_fn wanted[] = {
        pn_lint_lines,       pn_lint_keys,      pn_lint_reach,
        pn_lint_redundancy,  pn_lint_surprises, pn_lint_security,
        pn_lint_environment, pn_lint_form,      pn_lint_definitions,
    };
    pn_lint_pass_fn passes[PN_CHECK_NONE];

    (void)state;
    assert_int_equal(pn_lint_passes(passes), PN_COUNT_OF(wanted));
    for (size_t i = 0; i < PN_COUNT_OF(wanted); i++)
        assert_ptr_equal((void *)(uintptr_t)passes[i], (void *)(uintptr_t)wanted[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_find_the_same_in_any_order),
        cmocka_unit_test(an_overridden_set_is_one_finding),
        cmocka_unit_test(each_family_is_one_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
