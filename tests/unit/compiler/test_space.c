/* compiler/space, space_finish, space_flatten, elements_emit */
#include "tests/support/harness.h"

#include "compiler/elements.h"

enum { MOST = 5, NONE = -1 };

/* Prefixes of IPv4 with their rules, and the pieces that they make. */
static const struct {
    const char *label;
    struct {
        uint32_t start;
        uint8_t length;
        bool is_address, is_block;
        uint32_t rule;
    } added[MOST];
    size_t added_count;
    struct {
        uint32_t start;
        int exact, prefix, block; /* NONE for no rule */
    } pieces[MOST];
    size_t piece_count;
    size_t duplicates;
} cases[] = {
    { "nothing", { { 0 } }, 0, { { 0, NONE, NONE, NONE } }, 1, 0 },
    { "all", { { 0, 0, false, false, 7 } }, 1, { { 0, NONE, 7, NONE } }, 1, 0 },
    { "one network",
      { { 0x0a000000, 8, false, false, 1 } },
      1,
      { { 0, NONE, NONE, NONE },
        { 0x0a000000, NONE, 1, NONE },
        { 0x0b000000, NONE, NONE, NONE } },
      3,
      0 },
    { "at the top",
      { { 0xff000000, 8, false, false, 1 } },
      1,
      { { 0, NONE, NONE, NONE }, { 0xff000000, NONE, 1, NONE } },
      2,
      0 },
    { "nested, the longer decides",
      { { 0x0a000000, 8, false, false, 0 }, { 0x0a800000, 9, false, false, 1 } },
      2,
      { { 0, NONE, NONE, NONE },
        { 0x0a000000, NONE, 0, NONE },
        { 0x0a800000, NONE, 1, NONE },
        { 0x0b000000, NONE, NONE, NONE } },
      4,
      0 },
    { "equal keys, the first stays",
      { { 0, 1, false, false, 2 }, { 0, 1, false, false, 1 } },
      2,
      { { 0, NONE, 1, NONE }, { 0x80000000, NONE, NONE, NONE } },
      2,
      1 },
    { "an address beside its network",
      { { 0, 0, false, false, 0 }, { 5, 32, true, false, 1 } },
      2,
      { { 0, NONE, 0, NONE }, { 5, 1, 0, NONE }, { 6, NONE, 0, NONE } },
      3,
      0 },
    { "a block above a rule",
      { { 0, 0, false, false, 0 }, { 0x80000000, 1, false, true, 1 } },
      2,
      { { 0, NONE, 0, NONE }, { 0x80000000, NONE, 0, 1 } },
      2,
      0 },
};

static uint32_t
rule_of(int number)
{
    return number == NONE ? PN_RULE_NONE : (uint32_t)number;
}

static bool
pieces_are(const struct pn_pieces *pieces, size_t at)
{
    if (pieces->count != cases[at].piece_count)
        return false;
    for (size_t i = 0; i < pieces->count; i++) {
        struct pn_native_entry entry = pn_pieces_entry(pieces, i);

        if (pieces->items[i].start != cases[at].pieces[i].start ||
            entry.exact != rule_of(cases[at].pieces[i].exact) ||
            entry.prefix != rule_of(cases[at].pieces[i].prefix) ||
            entry.block != rule_of(cases[at].pieces[i].block))
            return false;
    }
    return true;
}

static void
spaces_are_flattened_to_ascending_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        struct pn_pieces pieces = { 0 };
        struct pn_space space;

        pn_space_begin(&space);
        for (size_t k = 0; k < cases[i].added_count; k++)
            pn_space_add_prefix(
                &space,
                cases[i].added[k].is_block ? PN_GROUP_BLOCKS : PN_GROUP_NO_IDENT, 4,
                (struct pn_prefix){ .start = cases[i].added[k].start,
                                    .rule = cases[i].added[k].rule,
                                    .length = cases[i].added[k].length,
                                    .rank_length = cases[i].added[k].length,
                                    .is_address = cases[i].added[k].is_address });
        pn_space_finish(&space);
        pn_space_flatten(&space, PN_GROUP_NO_IDENT, 4, 0, &pieces);
        assert_false(space.failed);
        if (!pieces_are(&pieces, i) || space.duplicate_count != cases[i].duplicates)
            fail_msg("%s: %zu pieces, %zu duplicates", cases[i].label, pieces.count,
                     space.duplicate_count);
        pn_pieces_clear(&pieces);
        pn_space_clear(&space);
    }
}

/* A prefix of 2^4 addresses from 0 on, less an interval, as prefixes of its rank. */
static const struct {
    const char *label;
    uint32_t first, last;
    struct {
        uint32_t start;
        uint8_t length;
    } parts[MOST];
    size_t count;
} excluded[] = {
    { "elsewhere", 32, 40, { { 0, 28 } }, 1 },
    { "all of it", 0, 15, { { 0, 0 } }, 0 },
    { "more than it", 0, 99, { { 0, 0 } }, 0 },
    { "the upper half", 8, 15, { { 0, 29 } }, 1 },
    { "the first", 0, 0, { { 1, 32 }, { 2, 31 }, { 4, 30 }, { 8, 29 } }, 4 },
    { "the middle", 4, 11, { { 0, 30 }, { 12, 30 } }, 2 },
};

static void
elements_are_emitted_less_what_they_exclude(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(excluded); i++) {
        struct pn_target target = {
            .kind = PN_TARGET_PREFIXES, .family = 4, .length = 28, .count = 1
        };
        struct pn_set_pool pool = { 0 };
        struct pn_address_set set = { 0 };
        const struct pn_prefixes *list;
        struct pn_element element;
        struct pn_space space;

        pn_space_begin(&space);
        element = pn_element_from(&space, &target);
        assert_true(pn_intervals_add(&set.families[PN_V4], excluded[i].first,
                                     excluded[i].last));
        element.excluded = pn_set_pool_add(&pool, &set);
        assert_int_equal(element.excluded, 1);
        pn_element_emit(&element, &pool, &space, PN_GROUP_NO_IDENT, 3);
        pn_space_finish(&space);
        list = &space.groups[PN_GROUP_NO_IDENT].prefixes[PN_V4];
        if (space.failed || pool.failed || list->count != excluded[i].count)
            fail_msg("%s: %zu prefixes", excluded[i].label, list->count);
        for (size_t k = 0; k < list->count; k++)
            if (list->items[k].start != excluded[i].parts[k].start ||
                list->items[k].length != excluded[i].parts[k].length ||
                list->items[k].rank_length != 28 || list->items[k].rule != 3)
                fail_msg("%s: prefix %zu", excluded[i].label, k);
        pn_set_pool_clear(&pool);
        pn_space_clear(&space);
    }
}

static void
equal_sets_and_unions_have_one_number(void **state)
{
    struct pn_set_pool pool = { 0 };
    uint32_t numbers[3], both;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct pn_address_set set = { 0 };

        assert_true(pn_intervals_add(&set.families[PN_V6], i % 2 * 100, i % 2 * 100));
        numbers[i] = pn_set_pool_add(&pool, &set);
        pn_address_set_clear(&set);
    }
    assert_int_equal(numbers[0], numbers[2]);
    assert_int_not_equal(numbers[0], numbers[1]);
    both = pn_set_pool_union(&pool, numbers[0], numbers[1]);
    assert_int_equal(pn_set_pool_union(&pool, numbers[1], numbers[0]), both);
    assert_int_equal(pn_set_pool_union(&pool, 0, numbers[0]), numbers[0]);
    assert_true(pn_set_pool_has(&pool, both, 6, 0));
    assert_true(pn_set_pool_has(&pool, both, 6, 100));
    assert_false(pn_set_pool_has(&pool, both, 4, 100));
    assert_false(pn_set_pool_has(&pool, numbers[0], 6, 100));
    pn_set_pool_clear(&pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spaces_are_flattened_to_ascending_pieces),
        cmocka_unit_test(elements_are_emitted_less_what_they_exclude),
        cmocka_unit_test(equal_sets_and_unions_have_one_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
