/* interop/list_change: shares at the ends of what numbers hold, and the largest ranges
 */
#include "tests/support/harness.h"

#include "base/sizes.h"
#include "interop/list_change.h"

#define TOP (~(pn_number)0)

enum { MOST = 3 };

/* A part, a whole, and the least share in hundredths that it is not more than. */
static const struct {
    const char *label;
    struct pn_interval part, whole;
    bool has_part, has_whole;
    uint32_t enough;
} shares[] = {
    { "nothing of nothing", { 0, 0 }, { 0, 0 }, false, false, 0 },
    { "nothing of something", { 0, 0 }, { 0, 9 }, false, true, 0 },
    { "a fifth", { 0, 1 }, { 0, 9 }, true, true, 2000 },
    { "a third", { 0, 0 }, { 0, 2 }, true, true, 3334 },
    { "three times", { 0, 2 }, { 0, 0 }, true, true, 30000 },
    { "all of IPv6", { 0, TOP }, { 0, TOP }, true, true, PN_SHARE_WHOLE },
    { "half of IPv6", { 0, TOP / 2 }, { 0, TOP }, true, true, PN_SHARE_WHOLE / 2 },
    { "half and one", { 0, TOP / 2 + 1 }, { 0, TOP }, true, true, 5001 },
    { "one of IPv6", { TOP, TOP }, { 0, TOP }, true, true, 1 },
    { "all but one", { 1, TOP }, { 0, TOP }, true, true, PN_SHARE_WHOLE },
    { "all and one more", { 0, TOP }, { 1, TOP }, true, true, PN_SHARE_WHOLE + 1 },
};

static void
test_shares(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(shares); i++) {
        struct pn_interval p = shares[i].part, w = shares[i].whole;
        struct pn_intervals part = { &p, shares[i].has_part, 1 };
        struct pn_intervals whole = { &w, shares[i].has_whole, 1 };
        uint32_t enough = shares[i].enough;

        if (pn_share_is_more(&part, &whole, enough))
            fail_msg("%s: more than enough", shares[i].label);
        if (enough && !pn_share_is_more(&part, &whole, enough - 1))
            fail_msg("%s: less would do", shares[i].label);
    }
}

/* Of a whole without addresses any part is more than any share. */
static void
test_nothing_before(void **state)
{
    struct pn_interval one = { 7, 7 };
    const struct pn_intervals part = { &one, 1, 1 }, none = { 0 };

    (void)state;
    assert_true(pn_share_is_more(&part, &none, 0));
    assert_true(pn_share_is_more(&part, &none, UINT32_MAX - 1));
}

static void
test_largest(void **state)
{
    struct pn_interval items[] = { { 0, 0 },   { 2, 4 },   { 6, 7 },
                                   { 10, 14 }, { 20, 22 }, { TOP, TOP } };
    const struct pn_intervals list = { items, PN_COUNT_OF(items), PN_COUNT_OF(items) };
    const struct pn_intervals none = { 0 };
    struct pn_interval out[MOST];

    (void)state;
    assert_int_equal(pn_intervals_largest(&none, out, MOST), 0);
    assert_int_equal(pn_intervals_largest(&list, out, MOST), MOST);
    assert_true(out[0].first == 10 && out[0].last == 14);
    assert_true(out[1].first == 2);
    assert_true(out[2].first == 20); /* of equals the first comes first */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_nothing_before),
        cmocka_unit_test(test_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
