/* The curve visits each cell once, one after its neighbour; a prefix is a box of it. */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "analysis/hilbert.h"

enum { ORDERS = 6 };

static void
neighbours_on_the_line_are_neighbours_in_the_square(void **state)
{
    (void)state;
    for (unsigned order = 0; order <= ORDERS; order++) {
        size_t count = (size_t)1 << 2 * order;
        bool *seen = calloc(count, sizeof(*seen));
        unsigned x, y, last_x = 0, last_y = 0;

        assert_non_null(seen);
        for (size_t at = 0; at < count; at++) {
            pn_hilbert_place(order, at, &x, &y);
            assert_true(x < 1u << order && y < 1u << order);
            assert_false(seen[((size_t)y << order) + x]);
            seen[((size_t)y << order) + x] = true;
            assert_int_equal(abs((int)x - (int)last_x) + abs((int)y - (int)last_y),
                             at ? 1 : 0);
            last_x = x;
            last_y = y;
        }
        assert_int_equal(last_x, (1u << order) - 1); /* at the upper right */
        assert_int_equal(last_y, 0);
        free(seen);
    }
}

static void
a_box_has_the_cells_of_its_prefix_and_no_others(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits <= 2 * ORDERS; bits++)
        for (uint64_t first = 0; first < UINT64_C(1) << 2 * ORDERS;
             first += UINT64_C(1) << bits) {
            struct pn_hilbert_box box = pn_hilbert_box(ORDERS, first, bits);

            assert_int_equal(box.width * box.height, 1u << bits);
            assert_true(box.width <= 2 * box.height && box.height <= 2 * box.width);
            for (uint64_t at = first; at < first + (UINT64_C(1) << bits); at++) {
                unsigned x, y;

                pn_hilbert_place(ORDERS, at, &x, &y);
                assert_true(x >= box.x && x < box.x + box.width && y >= box.y &&
                            y < box.y + box.height);
            }
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_on_the_line_are_neighbours_in_the_square),
        cmocka_unit_test(a_box_has_the_cells_of_its_prefix_and_no_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
