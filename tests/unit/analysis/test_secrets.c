/* What looks like a secret is not shown. */
#include "analysis/lint/secrets.h"
#include "tests/support/harness.h"

static const struct {
    const char *line, *want;
    size_t mark, moved;
} lines[] = {
    { "10.:allow,A=\"b\"", "10.:allow,A=\"b\"", 10, 10 },
    { "10.:allow,TOKEN=\"abc\",A=\"b\"", "10.:allow,TOKEN=\"...\",A=\"b\"", 10, 10 },
    { "10.:allow,TOKEN=\"abcdefg\",A=\"b\"", "10.:allow,TOKEN=\"...\",A=\"b\"", 26,
      22 },
    { "10.:allow,MY_PASSWORD=xabcx", "10.:allow,MY_PASSWORD=\"...\"", 23, 27 },
    { "10.:allow,API_KEY=\"no end", "10.:allow,API_KEY=\"...\"", 0, 0 },
    { "x : allow, KEY=\"a\\\"b\", B=\"c\"", "x : allow, KEY=\"...\", B=\"c\"", 0, 0 },
    { "10.:allow,MONKEY=\"abc\"", "10.:allow,MONKEY=\"abc\"", 0, 0 },
    { "10.:allow,secret=\"a\",Token=\"b\"", "10.:allow,secret=\"...\",Token=\"...\"", 0,
      0 },
    { "", "", 0, 0 },
};

static void
values_of_secrets_are_masked_and_the_mark_moves_along(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(lines); i++) {
        struct pn_str line = { lines[i].line, strlen(lines[i].line) };
        struct pn_buffer out = { 0 };
        size_t mark = lines[i].mark;

        pn_line_mask(line, &out, &mark);
        if (out.size != strlen(lines[i].want) ||
            (out.size && memcmp(out.bytes, lines[i].want, out.size) != 0) ||
            mark != lines[i].moved)
            fail_msg("%s became %.*s, %zu", line.ptr, (int)out.size,
                     out.size ? out.bytes : "", mark);
        pn_buffer_free(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_secrets_are_masked_and_the_mark_moves_along),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
