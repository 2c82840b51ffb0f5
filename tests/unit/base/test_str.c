/* base/str, base/ascii */
#include "tests/support/harness.h"

#include "base/ascii.h"
#include "base/buffer.h"
#include "base/str.h"

static void
texts_are_equal_by_their_bytes(void **state)
{
    static const struct {
        struct pn_str a;
        const char *b;
        int order;
    } cases[] = {
        { { "", 0 }, "", 0 },
        { { NULL, 0 }, "", 0 },
        { { "allow", 5 }, "allow", 0 },
        { { "allowed", 5 }, "allow", 0 },
        { { "allow", 4 }, "allow", -1 },
        { { "allow\0", 6 }, "allow", 1 },
        { { "b", 1 }, "abc", 1 },
        { { NULL, 0 }, "a", -1 },
        { { "\xff", 1 }, "a", 1 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        struct pn_str b = pn_str_of_text(cases[i].b);
        int order = pn_str_compare(cases[i].a, b), back = pn_str_compare(b, cases[i].a);

        if (pn_str_is(cases[i].a, cases[i].b) != (cases[i].order == 0) ||
            pn_str_equal(b, cases[i].a) != (cases[i].order == 0) ||
            (order > 0) - (order < 0) != cases[i].order ||
            (back > 0) - (back < 0) != -cases[i].order)
            fail_msg("case %zu, \"%s\": order %d", i, cases[i].b, order);
    }
}

static void
texts_are_taken_apart(void **state)
{
    struct pn_str text = PN_STR("one/two//");

    (void)state;
    assert_int_equal(text.len, 9);
    assert_true(pn_str_is(pn_str_from(text, 4), "two//"));
    assert_true(pn_str_is(pn_str_from(text, 9), ""));
    assert_true(pn_str_is(pn_str_to(text, 3), "one"));
    assert_true(pn_str_begins(text, "one/"));
    assert_true(pn_str_begins(text, ""));
    assert_false(pn_str_begins(text, "one/two///"));
    assert_false(pn_str_begins(text, "two"));
    assert_null(pn_str_from((struct pn_str){ NULL, 0 }, 0).ptr);
}

static void
cutting_leaves_what_follows_the_byte(void **state)
{
    static const char *const fronts[] = { "one", "two", "", "" };
    struct pn_str rest = PN_STR("one/two//");

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(fronts); i++) {
        struct pn_str front = pn_str_cut(&rest, '/');

        if (!pn_str_is(front, fronts[i]) || (i < 3) != (rest.ptr != NULL))
            fail_msg("cut %zu: %.*s", i, (int)front.len, front.ptr);
    }
    assert_null(pn_str_cut(&rest, '/').ptr);
    assert_null(rest.ptr);
}

static void
buffers_are_seen_as_texts(void **state)
{
    struct pn_buffer buffer = { 0 };

    (void)state;
    assert_int_equal(pn_str_of(&buffer).len, 0);
    pn_buffer_add_str(&buffer, pn_str_of(&buffer));
    pn_buffer_add_str(&buffer, PN_STR("ab"));
    assert_true(pn_str_is(pn_str_of(&buffer), "ab"));
    pn_buffer_free(&buffer);
}

static void
bytes_have_the_classes_of_ascii(void **state)
{
    static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";

    (void)state;
    for (int c = -128; c < 128; c++) {
        char byte = (char)c;
        const char *small = c ? strchr(digits, c) : NULL;
        const char *capital = c ? strchr(capitals, c) : NULL;
        long value = small ? small - digits : capital ? capital - capitals : -1;

        if (pn_hex_value(byte) != value ||
            pn_is_digit(byte) != (value >= 0 && value < 10) ||
            pn_is_letter(byte) != (pn_lower(byte) != pn_upper(byte)) ||
            (pn_lower(byte) != byte && pn_upper(pn_lower(byte)) != byte) ||
            (pn_upper(byte) != byte && pn_lower(pn_upper(byte)) != byte))
            fail_msg("byte %d", c);
    }
    assert_int_equal(pn_lower('Z'), 'z');
    assert_int_equal(pn_upper('a'), 'A');
    assert_int_equal(pn_lower('['), '[');
    assert_int_equal(pn_upper('{'), '{');
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_equal_by_their_bytes),
        cmocka_unit_test(texts_are_taken_apart),
        cmocka_unit_test(cutting_leaves_what_follows_the_byte),
        cmocka_unit_test(buffers_are_seen_as_texts),
        cmocka_unit_test(bytes_have_the_classes_of_ascii),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
