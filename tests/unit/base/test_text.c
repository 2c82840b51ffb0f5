/* base/utf8, base/errno_text, base/output, base/diagnostic */
#include "tests/support/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/errno_text.h"
#include "base/output.h"
#include "base/utf8.h"

static const struct {
    const char *label, *bytes;
    size_t size, length;
    uint32_t code;
} characters[] = {
    { "ASCII", "a", 1, 1, 'a' },
    { "NUL", "\0", 1, 1, 0 },
    { "two bytes", "\xc3\xa9", 2, 2, 0xe9 },
    { "three bytes", "\xe2\x82\xac", 3, 3, 0x20ac },
    { "four bytes", "\xf0\x9f\x98\x80", 4, 4, 0x1f600 },
    { "the last", "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
    { "beyond the last", "\xf4\x90\x80\x80", 4, 0, 0 },
    { "overlong slash", "\xc0\xaf", 2, 0, 0 },
    { "overlong of three", "\xe0\x80\xaf", 3, 0, 0 },
    { "surrogate", "\xed\xa0\x80", 3, 0, 0 },
    { "cut off", "\xe2\x82", 2, 0, 0 },
    { "continuation alone", "\x80", 1, 0, 0 },
    { "second byte is none",
      "\xc3"
      "a",
      2, 0, 0 },
};

static void
utf8_decodes_what_rfc_3629_allows_and_no_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(characters); i++) {
        uint32_t code = 0;
        char back[4];
        size_t length = pn_utf8_decode(characters[i].bytes, characters[i].size, &code);

        if (length != characters[i].length || code != characters[i].code)
            fail_msg("%s: length %zu, code %x", characters[i].label, length, code);
        if (!length)
            continue;
        assert_int_equal(pn_utf8_encode(code, back), length);
        assert_memory_equal(back, characters[i].bytes, length);
    }
}

static void
errors_have_the_words_of_the_originals(void **state)
{
    (void)state;
    assert_string_equal(pn_errno_text(ENOENT), "file does not exist");
    assert_string_equal(pn_errno_text(EACCES), "access denied");
    assert_string_equal(pn_errno_text(EPROTO), "protocol error");
    assert_string_equal(pn_errno_text(99999), "unknown error");
}

static void
output_keeps_its_first_failure(void **state)
{
    struct pn_output output;
    int fd = open("/dev/full", O_WRONLY);

    (void)state;
    assert_true(fd >= 0);
    pn_output_begin(&output, fd);
    for (int i = 0; i < 100000; i++)
        pn_output_text(&output, "0123456789");
    assert_int_equal(output.error, ENOSPC);
    assert_false(pn_output_end(&output));
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

static void
diagnostics_are_capped_but_counted(void **state)
{
    struct pn_diags diags = { .limit = 2 };
    struct pn_source source;

    (void)state;
    assert_true(pn_source_from_text(&source, "s", PN_STR("one\ntwo\n")));
    for (int i = 0; i < 5; i++)
        pn_diags_add(&diags, PN_DIAG_NO_EQUALS_SIGN, &source, (struct pn_span){ 5, 2 });
    pn_source_clear(&source);
    assert_int_equal(diags.count, 2);
    assert_int_equal(diags.total, 5);
    assert_int_equal(diags.items[1].at.line, 2);
    assert_int_equal(diags.items[1].at.column, 2);
    assert_memory_equal(diags.items[1].at.line_text, "two", 3);
    pn_diags_clear(&diags);
}

static void
slugs_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_DIAG_NONE; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(pn_diag_info[i].slug, pn_diag_info[k].slug);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_decodes_what_rfc_3629_allows_and_no_more),
        cmocka_unit_test(errors_have_the_words_of_the_originals),
        cmocka_unit_test(output_keeps_its_first_failure),
        cmocka_unit_test(diagnostics_are_capped_but_counted),
        cmocka_unit_test(slugs_are_unique),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
