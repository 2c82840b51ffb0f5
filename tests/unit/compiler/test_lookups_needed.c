/* compiler/lookups_needed: which look-ups could still change what an address gets */
#include "tests/support/harness.h"

#include <stdio.h>

enum { NONE = 0, HOST = POSTERN_NEEDS_HOST, IDENT = POSTERN_NEEDS_IDENT };

/* By the ladder: block, exact address, exact host, prefix, suffix, any host, default.
 */
static const struct {
    const char *text, *address;
    uint32_t needs;
} rows[] = {
    { "* : allow\n", "10.0.0.1", NONE },
    { "10.0.0.0/8 : allow\n* : deny\n", "10.0.0.1", NONE },
    { "10.0.0.0/8 : allow\n* : deny\n", "11.0.0.1", NONE },
    /* an exact host is above prefixes, and below exact addresses */
    { "=mx.example : allow\n* : deny\n", "10.0.0.1", HOST },
    { "=mx.example : allow\n10.0.0.1 : deny\n* : deny\n", "10.0.0.1", NONE },
    { "=mx.example : allow\n10.0.0.1 : deny\n* : deny\n", "10.0.0.2", HOST },
    { "=mx.example : allow\n10.0.0.0/8 : deny\n* : deny\n", "10.0.0.1", HOST },
    /* suffixes and any host are below prefixes */
    { "=.example : allow\n10.0.0.0/8 : deny\n* : deny\n", "10.0.0.1", NONE },
    { "=.example : allow\n10.0.0.0/8 : deny\n* : deny\n", "11.0.0.1", HOST },
    { "= : allow\n10.0.0.0/8 : deny\n* : deny\n", "10.0.0.1", NONE },
    { "= : allow\n10.0.0.0/8 : deny\n* : deny\n", "2001:db8::1", HOST },
    /* a blocked host is above everything, a blocked address above hosts */
    { "=bad.example : block\n10.0.0.1 : allow\n* : allow\n", "10.0.0.1", HOST },
    { "10.0.0.0/8 : block\n=mx.example : allow\n* : deny\n", "10.0.0.1", NONE },
    { "10.0.0.0/8 : block\n=mx.example : allow\n* : deny\n", "11.0.0.1", HOST },
    /* rules of an ident are above those without */
    { "joe@10.0.0.0/8 : allow\n* : deny\n", "10.0.0.1", IDENT },
    { "joe@10.0.0.0/8 : allow\n* : deny\n", "11.0.0.1", NONE },
    { "joe@10.0.0.0/8 : allow\n* : deny\n", "2001:db8::1", NONE },
    { "10.0.0.0/8 : block\njoe@* : allow\n* : deny\n", "10.0.0.1", NONE },
    { "joe@=mx.example : allow\n* : deny\n", "10.0.0.1", HOST | IDENT },
    /* one too many: of an ident's rules without addresses all may be for hosts */
    { "joe@* : allow\n* : deny\n", "10.0.0.1", HOST | IDENT },
    /* a host that changes nothing is not asked for */
    { "=mx.example : allow\n* : allow\n", "10.0.0.1", NONE },
};

static void
what_no_look_up_can_change_needs_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        char text[200];
        struct postern_rules *rules;
        struct postern_addr addr;
        uint32_t needs = 99;

        snprintf(text, sizeof(text), "postern: 1\n%s", rows[i].text);
        rules = pn_test_rules(text, strlen(text));
        assert_true(
            postern_addr_parse(rows[i].address, strlen(rows[i].address), &addr));
        assert_int_equal(postern_rules_needs(rules, &addr, &needs), POSTERN_OK);
        if (needs != rows[i].needs)
            print_error("%s%s: needs %u, not %u\n", rows[i].text, rows[i].address,
                        (unsigned)needs, (unsigned)rows[i].needs);
        assert_int_equal(needs, rows[i].needs);
        postern_rules_close(rules);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_look_up_can_change_needs_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
