/* base/arena */
#include "tests/support/harness.h"

#include <stdalign.h>

#include "base/arena.h"

static void
arena_gives_zeroed_aligned_memory_of_any_size(void **state)
{
    static const size_t sizes[] = { 0, 1, 7, 16, 4000, 5000, 70000, 3u << 20 };
    struct pn_arena *arena = pn_arena_new();

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < PN_COUNT_OF(sizes); i++) {
            unsigned char *object = pn_arena_zalloc(arena, sizes[i]);

            assert_non_null(object);
            assert_int_equal((uintptr_t)object % alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(object[k], 0);
            memset(object, 0xa5, sizes[i]);
        }
        pn_arena_clear(arena);
    }
    assert_false(pn_arena_failed(arena));
    pn_arena_free(arena);
}

static void
arena_remembers_that_an_allocation_failed(void **state)
{
    struct pn_arena *arena = pn_arena_new();

    (void)state;
    assert_null(pn_arena_zalloc(arena, SIZE_MAX));
    assert_null(pn_arena_zalloc(arena, SIZE_MAX - 64));
    assert_true(pn_arena_failed(arena));
    assert_non_null(pn_arena_zalloc(arena, 8));
    assert_true(pn_arena_failed(arena));
    pn_arena_free(arena);
    pn_arena_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory_of_any_size),
        cmocka_unit_test(arena_remembers_that_an_allocation_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
