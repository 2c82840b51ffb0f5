/* compiler/interval */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "compiler/interval.h"

#define TOP (~(pn_number)0)

enum { MOST = 6, WORLD = 24, ROUNDS = 20000 };

/* Intervals as they are added, and the list when it is finished. */
static const struct {
    const char *label;
    struct pn_interval added[MOST];
    size_t count;
    struct pn_interval finished[MOST];
    size_t finished_count;
} merges[] = {
    { "none", { { 0, 0 } }, 0, { { 0, 0 } }, 0 },
    { "one", { { 3, 5 } }, 1, { { 3, 5 } }, 1 },
    { "apart", { { 7, 9 }, { 3, 5 } }, 2, { { 3, 5 }, { 7, 9 } }, 2 },
    { "touching", { { 6, 9 }, { 3, 5 } }, 2, { { 3, 9 } }, 1 },
    { "touching, ascending", { { 3, 5 }, { 6, 9 } }, 2, { { 3, 9 } }, 1 },
    { "inside", { { 1, 9 }, { 3, 5 }, { 11, 11 } }, 3, { { 1, 9 }, { 11, 11 } }, 2 },
    { "around", { { 3, 5 }, { 1, 9 } }, 2, { { 1, 9 } }, 1 },
    { "equal", { { 3, 5 }, { 3, 5 }, { 3, 5 } }, 3, { { 3, 5 } }, 1 },
    { "one first", { { 3, 9 }, { 3, 5 } }, 2, { { 3, 9 } }, 1 },
    { "a bridge", { { 1, 2 }, { 5, 6 }, { 3, 4 } }, 3, { { 1, 6 } }, 1 },
    { "both ends", { { TOP, TOP }, { 0, 0 } }, 2, { { 0, 0 }, { TOP, TOP } }, 2 },
    { "at the top", { { TOP - 1, TOP }, { 4, TOP - 2 } }, 2, { { 4, TOP } }, 1 },
    { "everything", { { 0, TOP }, { 5, 6 } }, 2, { { 0, TOP } }, 1 },
};

static void
intervals_that_overlap_or_touch_become_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(merges); i++) {
        struct pn_intervals list = { 0 };

        for (size_t k = 0; k < merges[i].count; k++)
            assert_true(pn_intervals_add(&list, merges[i].added[k].first,
                                         merges[i].added[k].last));
        pn_intervals_finish(&list);
        if (list.count != merges[i].finished_count ||
            (list.count && memcmp(list.items, merges[i].finished,
                                  list.count * sizeof(*list.items)) != 0))
            fail_msg("%s: %zu", merges[i].label, list.count);
        pn_intervals_clear(&list);
    }
}

static void
sizes_are_of_all_intervals_and_wrap_at_the_whole_space(void **state)
{
    struct pn_intervals list = { 0 };

    (void)state;
    assert_true(pn_intervals_size(&list) == 0);
    assert_true(pn_intervals_add(&list, 3, 5));
    assert_true(pn_intervals_add(&list, 9, 9));
    assert_true(pn_intervals_size(&list) == 4);
    assert_true(pn_intervals_add(&list, 0, TOP));
    pn_intervals_finish(&list);
    assert_int_equal(list.count, 1);
    assert_true(pn_intervals_size(&list) == 0);
    pn_intervals_clear(&list);
}

/* Addresses from `base` on, one flag each: what the intervals are held against. */
struct world {
    pn_number base;
    bool has[WORLD];
};

static void
gaps_check(const struct world *w, const struct pn_intervals *list, unsigned first,
           unsigned last)
{
    struct pn_gaps gaps = pn_gaps_begin(list, w->base + first, w->base + last);
    struct pn_interval gap;
    unsigned at = first;

    while (pn_gaps_next(&gaps, &gap)) {
        while (at < last && w->has[at])
            at++;
        assert_true(gap.first == w->base + at);
        while (at <= last && !w->has[at])
            at++;
        assert_true(gap.last == w->base + at - 1);
    }
    for (; at <= last; at++)
        assert_true(w->has[at]);
    assert_false(pn_gaps_next(&gaps, &gap));
}

static void
world_check(const struct world *w, const struct pn_intervals *list)
{
    for (unsigned first = 0; first < WORLD; first++) {
        bool all = true, some = false;

        assert_int_equal(pn_intervals_have(list, w->base + first), w->has[first]);
        for (unsigned last = first; last < WORLD; last++) {
            all &= w->has[last];
            some |= w->has[last];
            assert_int_equal(pn_intervals_cover(list, w->base + first, w->base + last),
                             all);
            assert_int_equal(
                pn_intervals_overlap(list, w->base + first, w->base + last), some);
            gaps_check(w, list, first, last);
        }
    }
}

/* At the lower end of the space, in the middle, and at its upper end. */
static void
answers_are_those_of_each_address_by_itself(void **state)
{
    const pn_number bases[] = { 0, 1000, TOP - WORLD + 1 };

    (void)state;
    srand(7);
    for (unsigned round = 0; round < ROUNDS / (WORLD * WORLD); round++) {
        struct world w = { .base = bases[round % PN_COUNT_OF(bases)] };
        struct pn_intervals list = { 0 };

        for (int count = rand() % MOST; count > 0; count--) {
            unsigned first = (unsigned)rand() % WORLD;
            unsigned last = first + (unsigned)rand() % (WORLD - first);

            last = rand() % 2 ? last : first;
            for (unsigned i = first; i <= last; i++)
                w.has[i] = true;
            assert_true(pn_intervals_add(&list, w.base + first, w.base + last));
        }
        pn_intervals_finish(&list);
        world_check(&w, &list);
        pn_intervals_clear(&list);
    }
}

static void
sets_keep_the_families_apart(void **state)
{
    struct pn_address_set set = { 0 }, other = { 0 };

    (void)state;
    assert_true(pn_address_set_is_empty(&set));
    assert_true(pn_intervals_add(&set.families[pn_family_index(4)], 5, 7));
    assert_true(pn_intervals_add(&other.families[pn_family_index(6)], 5, 5));
    assert_true(pn_intervals_add(&other.families[pn_family_index(4)], 0, 4));
    assert_true(pn_address_set_add(&set, &other));
    pn_address_set_finish(&set);
    assert_int_equal(pn_address_set_count(&set), 2);
    assert_false(pn_address_set_is_empty(&set));
    assert_true(pn_address_set_has(&set, 4, 0));
    assert_true(pn_address_set_has(&set, 4, 7));
    assert_false(pn_address_set_has(&set, 6, 7));
    assert_true(pn_address_set_has(&set, 6, 5));
    pn_address_set_clear(&set);
    pn_address_set_clear(&other);
    for (unsigned f = 0; f < PN_FAMILIES; f++)
        assert_int_equal(pn_family_index(pn_family_at(f)), f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_that_overlap_or_touch_become_one),
        cmocka_unit_test(sizes_are_of_all_intervals_and_wrap_at_the_whole_space),
        cmocka_unit_test(answers_are_those_of_each_address_by_itself),
        cmocka_unit_test(sets_keep_the_families_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
