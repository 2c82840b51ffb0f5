/* base/vector, base/intern */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "base/intern.h"
#include "base/vector.h"

struct triple {
    uint32_t key, a, b;
};

static void
vector_refuses_products_that_wrap(void **state)
{
    uint64_t *items = NULL;
    size_t capacity = 0;

    (void)state;
    assert_false(pn_vector_reserve(&items, &capacity, SIZE_MAX / 4, sizeof(*items)));
    assert_null(items);
    assert_int_equal(capacity, 0);
}

static void
vector_keeps_every_item_that_was_added(void **state)
{
    struct triple *items = NULL;
    size_t count = 0, capacity = 0;

    (void)state;
    for (uint32_t i = 0; i < 1000; i++)
        assert_true(pn_vector_add(&items, &count, &capacity,
                                  &(struct triple){ i, i * i, ~i }, sizeof(*items)));
    assert_int_equal(count, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        if (items[i].key != i || items[i].a != i * i || items[i].b != ~i)
            fail_msg("item %u", i);
    free(items);
}

static int
triple_compare(const void *key, const void *item)
{
    uint32_t wanted = *(const uint32_t *)key, have = ((const struct triple *)item)->key;

    return (wanted > have) - (wanted < have);
}

/* Equal items come before the place. */
static int
triple_compare_behind(const void *key, const void *item)
{
    return triple_compare(key, item) >= 0 ? 1 : -1;
}

static void
lower_bound_counts_the_items_before(void **state)
{
    static const struct triple items[] = {
        { 2, 0, 0 }, { 4, 0, 0 }, { 4, 1, 0 }, { 4, 2, 0 }, { 9, 0, 0 },
    };
    static const struct {
        uint32_t key;
        size_t count, before, up_to;
    } cases[] = {
        { 0, 0, 0, 0 }, { 7, 0, 0, 0 },  { 1, 1, 0, 0 }, { 2, 1, 0, 1 }, { 3, 1, 1, 1 },
        { 1, 5, 0, 0 }, { 2, 5, 0, 1 },  { 3, 5, 1, 1 }, { 4, 5, 1, 4 }, { 5, 5, 4, 4 },
        { 9, 5, 4, 5 }, { 10, 5, 5, 5 }, { 4, 3, 1, 3 }, { 4, 4, 1, 4 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        size_t before = pn_lower_bound(&cases[i].key, items, cases[i].count,
                                       sizeof(*items), triple_compare);
        size_t up_to = pn_lower_bound(&cases[i].key, items, cases[i].count,
                                      sizeof(*items), triple_compare_behind);

        if (before != cases[i].before || up_to != cases[i].up_to)
            fail_msg("%u of %zu: %zu before, %zu up to it", cases[i].key,
                     cases[i].count, before, up_to);
    }
    assert_int_equal(pn_lower_bound(&cases[0].key, NULL, 0, 8, triple_compare), 0);
}

static void
equal_texts_have_one_number_and_their_bytes(void **state)
{
    static const char *const texts[] = { "", "a", "ab", "b", "" };
    struct pn_intern intern = { 0 };
    uint32_t number;

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(texts); i++) {
        assert_true(pn_intern_add(&intern, texts[i], strlen(texts[i]), &number));
        assert_int_equal(number, i % 4);
        assert_true(pn_str_is(pn_intern_text(&intern, number), texts[i]));
    }
    assert_true(pn_str_is(pn_intern_text(&intern, 1), "a"));
    pn_intern_clear(&intern);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vector_refuses_products_that_wrap),
        cmocka_unit_test(vector_keeps_every_item_that_was_added),
        cmocka_unit_test(lower_bound_counts_the_items_before),
        cmocka_unit_test(equal_texts_have_one_number_and_their_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
