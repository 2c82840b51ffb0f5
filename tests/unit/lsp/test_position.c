/* lsp/position */
#include "tests/support/harness.h"

#include "base/buffer.h"
#include "lsp/position.h"

/* a, e with an accent, a smile beyond the first plane, z; then ends of all kinds */
static const char text[] = "a\xc3\xa9\xf0\x9f\x98\x80z\r\n\rx\n";

static const struct {
    uint32_t offset, line, utf16, utf8;
} places[] = {
    { 0, 0, 0, 0 },  { 1, 0, 1, 1 },  { 3, 0, 2, 3 },  { 7, 0, 4, 7 },  { 8, 0, 5, 8 },
    { 10, 1, 0, 0 }, { 11, 2, 0, 0 }, { 12, 2, 1, 1 }, { 13, 3, 0, 0 },
};

static void
places_and_offsets_lead_to_each_other(void **state)
{
    const struct pn_str all = PN_STR(text);
    struct pn_lines lines = { 0 };

    (void)state;
    assert_true(pn_lines_make(&lines, all));
    assert_int_equal(lines.count, 4);
    for (size_t i = 0; i < PN_COUNT_OF(places); i++)
        for (int utf8 = 0; utf8 < 2; utf8++) {
            enum pn_encoding encoding = utf8 ? PN_ENCODING_UTF8 : PN_ENCODING_UTF16;
            uint32_t character = utf8 ? places[i].utf8 : places[i].utf16;
            struct pn_place place =
                pn_lines_place(&lines, all, encoding, places[i].offset);

            if (place.line != places[i].line || place.character != character)
                fail_msg("offset %u: %u, %u", places[i].offset, place.line,
                         place.character);
            assert_int_equal(pn_lines_offset(&lines, all, encoding, place),
                             places[i].offset);
        }
    pn_lines_clear(&lines);
}

static void
what_lies_within_or_beyond_is_moved_to_where_it_can_be(void **state)
{
    const struct pn_str all = PN_STR(text);
    struct pn_lines lines = { 0 };
    struct pn_place at;

    (void)state;
    assert_true(pn_lines_make(&lines, all));
    /* between the halves of a pair, and within the bytes of a character */
    assert_int_equal(
        pn_lines_offset(&lines, all, PN_ENCODING_UTF16, (struct pn_place){ 0, 3 }), 3);
    assert_int_equal(
        pn_lines_offset(&lines, all, PN_ENCODING_UTF8, (struct pn_place){ 0, 5 }), 3);
    at = pn_lines_place(&lines, all, PN_ENCODING_UTF16, 5);
    assert_int_equal(at.character, 2);
    /* behind the end of a line, whose own end is none of it, and of the text */
    assert_int_equal(
        pn_lines_offset(&lines, all, PN_ENCODING_UTF16, (struct pn_place){ 0, 99 }), 8);
    assert_int_equal(
        pn_lines_offset(&lines, all, PN_ENCODING_UTF16, (struct pn_place){ 99, 0 }),
        all.len);
    at = pn_lines_place(&lines, all, PN_ENCODING_UTF16, 9);
    assert_int_equal(at.line, 0);
    assert_int_equal(at.character, 5);
    pn_lines_clear(&lines);
}

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525 + 1013904223;
    return below ? (*seed >> 8) % below : 0;
}

static void
lines_after_a_change_are_those_of_the_text(void **state)
{
    static const char bytes[] = { '\r', '\n', 'a', '\n', '\r', 'b' };
    struct pn_lines kept = { 0 }, fresh = { 0 };
    struct pn_buffer now = { 0 }, next = { 0 };
    uint32_t seed = 1;

    (void)state;
    pn_buffer_reserve(&now, 1);
    assert_true(pn_lines_make(&kept, pn_str_of(&now)));
    for (int round = 0; round < 50000; round++) {
        uint32_t at = draw(&seed, (uint32_t)now.size + 1);
        uint32_t taken = draw(&seed, (uint32_t)now.size - at + 1);
        uint32_t put = draw(&seed, now.size > 40 ? 2 : 5);

        taken = taken > 6 ? 6 : taken;
        next.size = 0;
        pn_buffer_add(&next, now.bytes, at);
        for (uint32_t i = 0; i < put; i++)
            pn_buffer_add(&next, &bytes[draw(&seed, sizeof(bytes))], 1);
        pn_buffer_add(&next, now.bytes + at + taken, now.size - at - taken);
        assert_true(pn_lines_replace(&kept, pn_str_of(&next), at, taken, put));
        assert_true(pn_lines_make(&fresh, pn_str_of(&next)));
        assert_int_equal(kept.count, fresh.count);
        assert_memory_equal(kept.starts, fresh.starts,
                            kept.count * sizeof(*kept.starts));
        now.size = 0;
        pn_buffer_add(&now, next.bytes, next.size);
    }
    pn_lines_clear(&kept);
    pn_lines_clear(&fresh);
    pn_buffer_free(&now);
    pn_buffer_free(&next);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_and_offsets_lead_to_each_other),
        cmocka_unit_test(what_lies_within_or_beyond_is_moved_to_where_it_can_be),
        cmocka_unit_test(lines_after_a_change_are_those_of_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
