/* base/buffer */
#include "tests/support/harness.h"

#include "base/buffer.h"

static void
buffer_keeps_what_was_added(void **state)
{
    struct pn_buffer buffer = { 0 };
    char expected[4000];

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        pn_buffer_add_format(&buffer, "%04zu", i);
        memcpy(expected + 4 * i, buffer.bytes + 4 * i, 4);
    }
    assert_int_equal(buffer.size, 4000);
    assert_memory_equal(buffer.bytes, expected, 4000);
    assert_memory_equal(buffer.bytes + 4 * 617, "0617", 4);
    pn_buffer_free(&buffer);
}

static void
buffer_formats_longer_than_its_first_try(void **state)
{
    struct pn_buffer buffer = { 0 };

    (void)state;
    pn_buffer_add_format(&buffer, "<%500d>", 7);
    assert_int_equal(buffer.size, 502);
    assert_memory_equal(buffer.bytes + 500, "7>", 2);
    pn_buffer_free(&buffer);
}

static void
buffer_refuses_sizes_that_wrap_and_remembers(void **state)
{
    struct pn_buffer buffer = { 0 };

    (void)state;
    pn_buffer_add_text(&buffer, "kept");
    assert_false(pn_buffer_reserve(&buffer, SIZE_MAX));
    pn_buffer_add_text(&buffer, "dropped");
    assert_true(buffer.failed);
    assert_int_equal(buffer.size, 4);
    pn_buffer_free(&buffer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_what_was_added),
        cmocka_unit_test(buffer_formats_longer_than_its_first_try),
        cmocka_unit_test(buffer_refuses_sizes_that_wrap_and_remembers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
