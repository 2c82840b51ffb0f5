/* The report: in which order findings are shown, and what is shown of their places. */
#include "tests/support/harness.h"

#include "analysis/lint/finding.h"

static const char first_text[] =
    "10.0.0.1:allow\n10.0.0.2:deny\nlong line of no rule\n";
static const char second_text[] = "10.0.0.3:allow,PASSWORD=\"secret\"\n";

struct world {
    struct pn_report report;
    struct pn_source sources[2];
};

static struct world
world_make(void)
{
    struct world w;

    pn_report_begin(&w.report);
    for (size_t i = 0; i < PN_CHECK_NONE; i++)
        w.report.on[i] = true;
    assert_true(
        pn_source_from_text(&w.sources[0], "first.rules", pn_str_of_text(first_text)));
    assert_true(pn_source_from_text(&w.sources[1], "second.rules",
                                    pn_str_of_text(second_text)));
    return w;
}

static void
world_clear(struct world *w)
{
    pn_report_clear(&w->report);
    pn_source_clear(&w->sources[0]);
    pn_source_clear(&w->sources[1]);
}

static struct pn_finding *
add(struct world *w, enum pn_check check, size_t source, uint32_t offset, uint32_t size)
{
    return pn_report_add(
        &w->report, check,
        (struct pn_source_span){ &w->sources[source], { offset, size }, 0 });
}

static const struct {
    enum pn_check check;
    size_t source;
    uint32_t offset;
    size_t by_place, by_severity; /* where it is shown, from 0 */
} sorted[] = {
    { PN_CHECK_COVERED, 1, 0, 0, 2 },        /* a warning; its file is the first */
    { PN_CHECK_SKIPPED_LINE, 0, 29, 5, 4 },  /* a warning, on line 3 */
    { PN_CHECK_OPEN_RELAY, 0, 15, 4, 1 },    /* an error, on line 2 */
    { PN_CHECK_HUGE_EXPANSION, 0, 0, 2, 5 }, /* a note, on line 1 */
    { PN_CHECK_SYNTAX_ERROR, 1, 9, 1, 0 },   /* an error */
    { PN_CHECK_DUPLICATE_KEY, 0, 0, 3, 3 },  /* a warning, behind P009 at its place */
};

static void
check_order(bool worst_first)
{
    struct world w = world_make();

    for (size_t i = 0; i < PN_COUNT_OF(sorted); i++)
        assert_non_null(
            add(&w, sorted[i].check, sorted[i].source, sorted[i].offset, 1));
    pn_report_sort(&w.report, worst_first);
    for (size_t i = 0; i < PN_COUNT_OF(sorted); i++) {
        size_t at = worst_first ? sorted[i].by_severity : sorted[i].by_place;

        if (w.report.items[at].check != sorted[i].check)
            fail_msg("%s is shown in the place of %s",
                     pn_check_info[w.report.items[at].check].name,
                     pn_check_info[sorted[i].check].name);
    }
    world_clear(&w);
}

static void
findings_are_sorted_by_place(void **state)
{
    (void)state;
    check_order(false);
}

static void
or_the_worst_comes_first(void **state)
{
    (void)state;
    check_order(true);
}

static void
what_nobody_asks_for_is_not_added(void **state)
{
    struct world w = world_make();

    (void)state;
    w.report.on[PN_CHECK_COVERED] = false;
    assert_null(add(&w, PN_CHECK_COVERED, 0, 0, 1));
    pn_finding_link(&w.report, NULL,
                    (struct pn_source_span){ &w.sources[0], { 0, 1 }, 0 }, 0);
    pn_finding_edit(&w.report, NULL, 0,
                    (struct pn_source_span){ &w.sources[0], { 0, 1 }, 0 }, PN_STR("x"),
                    0);
    assert_int_equal(w.report.count, 0);
    assert_int_equal(w.report.link_count, 0);
    assert_int_equal(w.report.edit_count, 0);
    world_clear(&w);
}

static void
a_place_has_its_line_without_secrets(void **state)
{
    struct world w = world_make();
    struct pn_finding *f = add(&w, PN_CHECK_SECRET_IN_ENV, 1, 15, 8);
    const char *excerpt;

    (void)state;
    assert_non_null(f);
    assert_int_equal(f->at.line, 1);
    assert_int_equal(f->at.column, 16);
    assert_int_equal(f->at.size, 8);
    excerpt = pn_report_text(&w.report, f->at.excerpt);
    assert_non_null(strstr(excerpt, "PASSWORD"));
    assert_null(strstr(excerpt, "secret"));
    assert_memory_equal(excerpt + f->at.front, "PASSWORD", 8);
    world_clear(&w);
}

/* A wrong hint of the line is none. */
static void
the_line_is_right_whatever_is_hinted(void **state)
{
    struct world w = world_make();

    (void)state;
    for (size_t near = 0; near < 6; near++) {
        struct pn_source_span at = { &w.sources[0], { 15, 8 }, near };
        struct pn_finding *f = pn_report_add(&w.report, PN_CHECK_COVERED, at);

        assert_non_null(f);
        assert_int_equal(f->at.line, 2);
        assert_int_equal(f->at.column, 1);
    }
    world_clear(&w);
}

static void
of_a_hidden_source_nothing_is_quoted(void **state)
{
    struct world w = world_make();
    struct pn_finding *f;

    (void)state;
    w.sources[1].hidden = true;
    f = add(&w, PN_CHECK_COVERED, 1, 0, 8);
    assert_non_null(f);
    f->label = pn_report_format(&w.report, "10.0.0.3");
    pn_finding_edit(&w.report, f, 0,
                    (struct pn_source_span){ &w.sources[1], { 0, 8 }, 0 },
                    PN_STR("10.0.0.4"), 0);
    pn_report_hide(&w.report, 0);
    assert_int_equal(f->at.line, 1);
    assert_int_equal(f->at.excerpt_size, 0);
    assert_int_equal(f->label, 0);
    assert_int_equal(f->edit_count, 0);
    world_clear(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_sorted_by_place),
        cmocka_unit_test(or_the_worst_comes_first),
        cmocka_unit_test(what_nobody_asks_for_is_not_added),
        cmocka_unit_test(a_place_has_its_line_without_secrets),
        cmocka_unit_test(the_line_is_right_whatever_is_hinted),
        cmocka_unit_test(of_a_hidden_source_nothing_is_quoted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
