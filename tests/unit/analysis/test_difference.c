/* Whom a change of policy changes: a pair of texts, and what comes of it. */
#include "tests/support/harness.h"

#include "analysis/difference.h"

static const struct {
    const char *label, *before, *after;
    enum pn_direction direction;
    size_t gains, loses, other; /* addresses of IPv4 */
} changes[] = {
    { "the same text", "10.0.0.1:allow\n:deny\n", "10.0.0.1:allow\n:deny\n", PN_SAME, 0,
      0, 0 },
    { "the same in other words", "10.0.0.:allow\n:deny\n",
      "postern: 1\n10.0.0.0/24 : allow\n* : deny\n", PN_SAME, 0, 0, 0 },
    { "one address more", ":deny\n", "10.0.0.1:allow\n:deny\n", PN_LOOSER, 1, 0, 0 },
    { "a network less", "10.0.0.:allow\n:deny\n", ":deny\n", PN_STRICTER, 0, 256, 0 },
    { "one for another", "10.0.0.1:allow\n:deny\n", "10.0.0.2:allow\n:deny\n", PN_MIXED,
      1, 1, 0 },
    { "another variable", "10.0.0.1:allow,A=\"1\"\n:deny\n",
      "10.0.0.1:allow,A=\"2\"\n:deny\n", PN_MIXED, 0, 0, 1 },
    { "a host, whatever its address", ":deny\n", "=a.example:allow\n:deny\n", PN_LOOSER,
      0xffffffff, 0, 0 },
};

/* 2^32 addresses are too many for the row's size_t on small machines. */
static size_t
shown(pn_number count)
{
    return count > 0xffffffff ? 0xffffffff : (size_t)count;
}

static void
changes_are_counted_and_have_a_direction(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(changes); i++) {
        const char *texts[2] = { changes[i].before, changes[i].after };
        struct pn_change_question question = { 0 };
        struct postern_rules *rules[2];
        struct pn_decoded decoded[2];
        struct pn_side sides[2];
        struct pn_changes found;
        pn_number counts[PN_EFFECT_COUNT][2];

        for (size_t k = 0; k < 2; k++) {
            pn_test_decode(texts[k], strlen(texts[k]), &rules[k], &decoded[k]);
            sides[k] = (struct pn_side){ rules[k], &decoded[k], NULL, NULL };
        }
        assert_int_equal(pn_changes_find(&found, sides, &question), POSTERN_OK);
        for (int e = 0; e < PN_EFFECT_COUNT; e++)
            assert_true(pn_changes_count(&found, (enum pn_effect)e, counts[e]));
        if (found.direction != changes[i].direction ||
            shown(counts[PN_EFFECT_GAINS][0]) != changes[i].gains ||
            shown(counts[PN_EFFECT_LOSES][0]) != changes[i].loses ||
            shown(counts[PN_EFFECT_OTHER][0]) != changes[i].other)
            fail_msg(
                "%s: %s, %zu %zu %zu", changes[i].label,
                pn_direction_names[found.direction], shown(counts[PN_EFFECT_GAINS][0]),
                shown(counts[PN_EFFECT_LOSES][0]), shown(counts[PN_EFFECT_OTHER][0]));
        pn_changes_clear(&found);
        for (size_t k = 0; k < 2; k++) {
            pn_decoded_clear(&decoded[k]);
            postern_rules_close(rules[k]);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_counted_and_have_a_direction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
