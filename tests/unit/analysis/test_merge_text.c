/* Three versions of a text, statement by statement: what both sides did is done once.
 */
#include "tests/support/harness.h"

#include "analysis/merge_text.h"

#define HEAD "postern: 1\n"
#define TAIL "* : deny\n"

static const struct {
    const char *label, *base, *ours, *theirs, *merged; /* between head and tail */
} merges[] = {
    { "nobody changed it", "10.0.0.1 : allow\n", "10.0.0.1 : allow\n",
      "10.0.0.1 : allow\n", "10.0.0.1 : allow\n" },
    { "theirs added a rule", "10.0.0.1 : allow\n", "10.0.0.1 : allow\n",
      "10.0.0.1 : allow\n10.0.0.2 : deny\n", "10.0.0.1 : allow\n10.0.0.2 : deny\n" },
    { "ours deleted it", "10.0.0.1 : allow\n10.0.0.2 : deny\n", "10.0.0.2 : deny\n",
      "10.0.0.1 : allow\n10.0.0.2 : deny\n", "10.0.0.2 : deny\n" },
    { "both added the same", "", "10.0.0.1 : allow\n", "10.0.0.1 : allow\n",
      "10.0.0.1 : allow\n" },
    { "elements of a set", "set s = 10.0.0.1, 10.0.0.2\n",
      "set s = 10.0.0.1, 10.0.0.2, 10.0.0.3\n", "set s = 10.0.0.2\n",
      "set s = 10.0.0.2, 10.0.0.3\n" },
    { "targets of a rule", "10.0.0.1 : allow\n", "10.0.0.1, 10.0.0.2 : allow\n",
      "10.0.0.1, 10.0.0.3 : allow\n", "10.0.0.1, 10.0.0.2, 10.0.0.3 : allow\n" },
    { "ours a target, theirs a variable", "10.0.0.1 : allow, A=\"1\"\n",
      "10.0.0.1, 10.0.0.2 : allow, A=\"1\"\n", "10.0.0.1 : allow, A=\"2\"\n",
      "10.0.0.1, 10.0.0.2 : allow, A=\"2\"\n" },
    { "theirs has a comment more", "10.0.0.1 : allow\n", "10.0.0.1 : deny\n",
      "# why\n10.0.0.1 : allow\n", "# why\n10.0.0.1 : deny\n" },
    { "both changed one verdict", "10.0.0.1 : allow\n", "10.0.0.1 : deny\n",
      "10.0.0.1 : allow, A=\"1\"\n",
      "<<<<<<< ours\n10.0.0.1 : deny\n=======\n10.0.0.1 : allow, A=\"1\"\n"
      ">>>>>>> theirs\n" },
    { "ours deleted what theirs changed", "10.0.0.1 : allow\n", "", "10.0.0.1 : deny\n",
      "<<<<<<< ours\n=======\n10.0.0.1 : deny\n>>>>>>> theirs\n" },
};

static struct pn_source
version_of(const char *text)
{
    struct pn_buffer whole = { 0 };
    struct pn_source source;

    pn_buffer_add_text(&whole, HEAD);
    pn_buffer_add_text(&whole, text);
    pn_buffer_add_text(&whole, TAIL);
    assert_false(whole.failed);
    assert_true(pn_source_from_text(&source, "t.rules", pn_str_of(&whole)));
    pn_buffer_free(&whole);
    return source;
}

static void
merge_row(size_t row, struct pn_buffer *out, bool *marked)
{
    struct pn_source sources[PN_MERGE_VERSIONS] = {
        version_of(merges[row].base),
        version_of(merges[row].ours),
        version_of(merges[row].theirs),
    };
    struct pn_merge *merge = pn_merge_new(
        (const struct pn_source *const[]){ &sources[0], &sources[1], &sources[2] });

    assert_non_null(merge);
    pn_merge_write(merge, out);
    pn_buffer_add(out, "", 1);
    assert_false(out->failed);
    *marked = pn_merge_is_marked(merge);
    pn_merge_free(merge);
    for (size_t i = 0; i < PN_MERGE_VERSIONS; i++)
        pn_source_clear(&sources[i]);
}

static void
each_statement_is_merged_by_what_was_done_to_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(merges); i++) {
        struct pn_source want = version_of(merges[i].merged);
        bool conflict = strstr(merges[i].merged, "<<<") != NULL, marked;
        struct pn_buffer out = { 0 };

        merge_row(i, &out, &marked);
        if (strlen(out.bytes) != want.size ||
            memcmp(out.bytes, want.text, want.size) != 0 || marked != conflict)
            fail_msg("%s: %s\n%s", merges[i].label,
                     marked ? "a conflict" : "no conflict", out.bytes);
        pn_source_clear(&want);
        pn_buffer_free(&out);
    }
}

static const struct {
    const char *label, *base, *ours, *theirs;
    bool any;
    enum pn_merge_event_kind kind;
    enum pn_merge_version side;
} events[] = {
    { "nothing happened", "10.0.0.1 : allow\n", "10.0.0.1 : allow\n",
      "10.0.0.1 : allow\n", false, 0, 0 },
    { "changed both ways", "10.0.0.1 : allow\n", "10.0.0.1 : deny\n",
      "10.0.0.1 : allow, A=\"1\"\n", true, PN_MERGE_BOTH_CHANGED, PN_MERGE_OURS },
    { "deleted and changed", "10.0.0.1 : allow\n", "", "10.0.0.1 : deny\n", true,
      PN_MERGE_DELETED_CHANGED, PN_MERGE_OURS },
    { "added both ways", "", "10.0.0.1 : deny\n", "10.0.0.1 : allow\n", true,
      PN_MERGE_BOTH_ADDED, PN_MERGE_OURS },
    { "theirs deleted an assertion", "expect 10.0.0.1 : deny\n",
      "expect 10.0.0.1 : deny\n", "", true, PN_MERGE_ASSERTION_DELETED,
      PN_MERGE_THEIRS },
    { "ours deleted an assertion", "expect 10.0.0.1 : deny\n", "",
      "expect 10.0.0.1 : deny\n", true, PN_MERGE_ASSERTION_DELETED, PN_MERGE_OURS },
};

static void
events_say_what_happened_to_a_statement(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(events); i++) {
        struct pn_source sources[PN_MERGE_VERSIONS] = {
            version_of(events[i].base),
            version_of(events[i].ours),
            version_of(events[i].theirs),
        };
        struct pn_merge *merge = pn_merge_new(
            (const struct pn_source *const[]){ &sources[0], &sources[1], &sources[2] });
        struct pn_merge_event event;
        size_t at = 0;
        bool any;

        assert_non_null(merge);
        any = pn_merge_next_event(merge, &at, &event);
        if (any != events[i].any ||
            (any && (event.kind != events[i].kind || event.side != events[i].side)))
            fail_msg("%s: %d, kind %d, side %d", events[i].label, any,
                     any ? (int)event.kind : -1, any ? (int)event.side : -1);
        pn_merge_free(merge);
        for (size_t k = 0; k < PN_MERGE_VERSIONS; k++)
            pn_source_clear(&sources[k]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_statement_is_merged_by_what_was_done_to_it),
        cmocka_unit_test(events_say_what_happened_to_a_statement),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
