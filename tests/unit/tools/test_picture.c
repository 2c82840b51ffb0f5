/* tools/picture*: letters can be told apart, and so can paints that are side by side.
 */
#include "tests/support/harness.h"

#include "tools/picture.h"

enum { FIRST = ' ', LAST = '~' };

static bool
is_same(unsigned char a, unsigned char b)
{
    for (unsigned y = 0; y < PN_LETTER_HEIGHT; y++)
        if (pn_letter_row(a, y) != pn_letter_row(b, y))
            return false;
    return true;
}

static void
no_two_letters_look_alike(void **state)
{
    (void)state;
    for (unsigned a = FIRST; a <= LAST; a++)
        for (unsigned b = FIRST; b < a; b++)
            if (is_same((unsigned char)a, (unsigned char)b))
                fail_msg("%c and %c look alike", a, b);
    for (unsigned c = 0; c < 256; c++) /* and all else is the box of what is unknown */
        assert_int_equal(is_same((unsigned char)c, 0x7f), c < FIRST || c > LAST);
}

static void
letters_stay_in_their_cell(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++)
        for (unsigned y = 0; y < PN_LETTER_HEIGHT; y++)
            assert_true(pn_letter_row((unsigned char)c, y) <
                        1u << (PN_LETTER_WIDTH - 1));
    for (unsigned y = 0; y < PN_LETTER_HEIGHT; y++) /* a blank is blank */
        assert_int_equal(pn_letter_row(' ', y), 0);
}

/* Of a pattern some pixels are drawn, and never all; it repeats without a seam. */
static void
patterns_are_of_both_colours_and_repeat(void **state)
{
    (void)state;
    for (int h = 0; h < PN_HATCH_COUNT; h++) {
        unsigned drawn = 0;

        for (unsigned y = 0; y < PN_HATCH_SIZE; y++)
            for (unsigned x = 0; x < PN_HATCH_SIZE; x++) {
                bool has = pn_hatch_has((enum pn_hatch)h, x, y);

                drawn += has;
                assert_int_equal(has,
                                 pn_hatch_has((enum pn_hatch)h, x + PN_HATCH_SIZE, y));
                assert_int_equal(has,
                                 pn_hatch_has((enum pn_hatch)h, x, y + PN_HATCH_SIZE));
            }
        if (h == PN_HATCH_NONE)
            assert_int_equal(drawn, 0);
        else
            assert_in_range(drawn, 4, PN_HATCH_SIZE * PN_HATCH_SIZE / 2);
    }
}

/* Named variables and effects differ in their patterns, whatever their colours are. */
static void
what_is_told_by_colour_is_told_by_a_pattern_too(void **state)
{
    static const enum pn_paint groups[][PN_NAMED] = {
        { PN_PAINT_NAMED, PN_PAINT_NAMED + 1, PN_PAINT_NAMED + 2, PN_PAINT_NAMED + 3 },
        { PN_PAINT_LOSES, PN_PAINT_GAINS, PN_PAINT_OTHER, PN_PAINT_SEVERAL },
        { PN_PAINT_LOSES + 1, PN_PAINT_GAINS + 1, PN_PAINT_OTHER + 1,
          PN_PAINT_SEVERAL },
        { PN_PAINT_LOSES + 2, PN_PAINT_GAINS + 2, PN_PAINT_OTHER + 2, PN_PAINT_SAME },
    };

    (void)state;
    for (size_t g = 0; g < PN_COUNT_OF(groups); g++)
        for (size_t i = 0; i < PN_NAMED; i++)
            for (size_t k = 0; k < i; k++)
                assert_int_not_equal(pn_paint_looks[groups[g][i]].hatch,
                                     pn_paint_looks[groups[g][k]].hatch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_letters_look_alike),
        cmocka_unit_test(letters_stay_in_their_cell),
        cmocka_unit_test(patterns_are_of_both_colours_and_repeat),
        cmocka_unit_test(what_is_told_by_colour_is_told_by_a_pattern_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
