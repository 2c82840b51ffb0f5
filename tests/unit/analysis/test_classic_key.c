/* Keys of classic files, and what is wrong with them. */
#include "analysis/lint/classic_key.h"
#include "analysis/lint/classic_key_fixes.h"
#include "tests/support/harness.h"

static const struct {
    const char *key, *code; /* of the check, or NULL */
    const char *mend, *other;
} keys[] = {
    { "", NULL, NULL, NULL },
    { "10.", NULL, NULL, NULL },
    { "10.1.2.", NULL, NULL, NULL },
    { "10.1.2.3", NULL, NULL, NULL },
    { "0.0.0.0", NULL, NULL, NULL },
    { "10.1-4.", NULL, NULL, NULL },
    { "1.2.3.37-53", NULL, NULL, NULL },
    { "1.2.3.9-3", NULL, NULL, NULL }, /* no key at all: P004's */
    { "=", NULL, NULL, NULL },
    { "=mx-1.example.com", NULL, NULL, NULL },
    { "=.example.com", NULL, NULL, NULL },
    { "=a\\052b.example.com", NULL, NULL, NULL },
    { "joe@10.1.2.3", NULL, NULL, NULL },
    { "joe@=mx.example.com", NULL, NULL, NULL },
    { "2001:db8::7", NULL, NULL, NULL },
    { "2001:db8:", NULL, NULL, NULL },
    { " 10.1.", "P003", "10.1.", NULL },
    { "10.1. ", "P003", "10.1.", NULL },
    { "1-2.3.4-5", "P007", NULL, NULL },
    { "joe@1.2.3.4-5", "P008", NULL, NULL },
    { "=1.2.3.4-5", "P008", NULL, NULL },
    { "10", "P101", "10.", NULL },
    { "10.1", "P101", "10.1.", NULL },
    { "10.1-4", "P101", "10.1-4.", NULL },
    { "10.1.2.3.", "P102", "10.1.2.3", NULL },
    { "10.256.", "P103", NULL, NULL },
    { "10.1.2.999", "P103", NULL, NULL },
    { "010.1.2.3", "P104", "10.1.2.3", "8.1.2.3" },
    { "192.168.001.", "P104", "192.168.1.", NULL }, /* octal is the same */
    { ".example.com", "P105", "=.example.com", NULL },
    { "localhost", "P105", "=localhost", NULL },
    { "ALL", "P106", "", NULL },
    { "*.example.com", "P106", "=.example.com", NULL },
    { "10.*", "P106", "10.", NULL },
    { "10.2.*", "P106", "10.2.", NULL },
    { "10.2.*.*", "P106", "10.2.", NULL },
    { "10.2.3.x", "P106", "10.2.3.", NULL },
    { "10.X.x.X", "P106", "10.", NULL },
    { "10.*.3", "P106", NULL, NULL },
    { "10.2.3.4.*", "P106", NULL, NULL },
    { "10.**", "P106", NULL, NULL },
    { "300.*", "P106", NULL, NULL },
    { "joe@10.2.*", "P106", NULL, NULL },
    { "=*.example.com", "P106", "=.example.com", NULL },
    { "10.0.0.0/8", "P107", "10.", NULL },
    { "10.16.0.0/12", "P107", "10.16-31.", NULL },
    { "10.1.2.128/25", "P107", "10.1.2.128-255", NULL },
    { "10.6.0.0/255.255.0.0", "P107", "10.6.", NULL },
    { "10.6.7.0/255.255.255.192", "P107", "10.6.7.0-63", NULL },
    { "10.6.0.0/255.0.255.0", "P107", NULL, NULL },
    { "10.6/16", "P107", "10.6.", NULL },
    { "10.6./16", "P107", "10.6.", NULL },
    { "10/8", "P107", "10.", NULL },
    { "192.168.4/22", "P107", "192.168.4-7.", NULL },
    { "1.2.3.4/32", "P107", "1.2.3.4", NULL },
    { "1.2.3.4/33", "P107", NULL, NULL },
    { "10.8.1.1-10.8.1.9", "P116", "10.8.1.1-9", NULL },
    { "10.8.1.0-10.8.3.255", "P116", "10.8.1-3.", NULL },
    { "10.0.0.0-11.255.255.255", "P116", "10-11.", NULL },
    { "10.8.1.5-10.8.1.5", "P116", "10.8.1.5", NULL },
    { "10.8.1.1-10.8.3.9", "P116", NULL, NULL },
    { "10.8.1.9-10.8.1.1", "P116", NULL, NULL },
    { "10.8.1.1 - 10.8.1.9", "P003", "10.8.1.1-9", NULL },
    { "2001:db8::/32", "P107", "2001:db8:", NULL },
    { "FE80::/16", "P107", "fe80:", NULL },
    { "2001:db8:0:1::/64", "P107", NULL, NULL }, /* a group of zeros may be left out */
    { "2001:db8::/33", "P107", NULL, NULL },
    { "fe80::/10", "P107", NULL, NULL },
    { "2001:db8::7/128", "P107", NULL, NULL },
    { "2001:db8::/0", "P107", NULL, NULL },
    { "=MX.example.com", "P108", "=mx.example.com", NULL },
    { "Joe@=MX.example.com", "P108", "Joe@=mx.example.com", NULL },
    { "=mx.example.com.", "P109", "=mx.example.com", NULL },
    { "=mx/x.example.com", "P110", NULL, NULL },
    { "=mx..example.com", "P111", NULL, NULL },
    { "=.", NULL, NULL, NULL },
    { "joe@10.1.", "P113", "10.1.", NULL },
    { "joe@=.example.com", "P113", "=.example.com", NULL },
    { "joe@", "P113", "", NULL },
    { "j\roe@10.1.2.3", "P114", NULL, NULL },
    { "@10.1.2.3", "P115", "10.1.2.3", NULL },
    { "1.2.3.4.5", "P116", NULL, NULL },
    { "1..2.", "P116", NULL, NULL },
    { "[2001:db8::7]", "P116", "2001:db8::7", NULL },
    { "[2001:DB8:0:0::7]", "P116", "2001:db8::7", NULL },
    { "[2001:db8::7", "P116", NULL, NULL },
    { "2001:DB8::7", "P116", "2001:db8::7", NULL },
    { "::ffff:10.1.2.3", "P116", "10.1.2.3", NULL },
    { "0:", NULL, NULL, NULL },
    { "2001:db8:0:", NULL, NULL, NULL },
    { "1:2:3:4:5:6:0:", "P116", NULL, NULL },
    { "2001:db8::1:", NULL, NULL, NULL },
    { "::", NULL, NULL, NULL },
    { ":", NULL, NULL, NULL },
    { "::ffff:", NULL, NULL, NULL },
    { "::1.", "P116", NULL, NULL },
    { "::1.2.3.4", "P116", "::102:304", NULL },
    { "2001:db8:1:0:a:b:c:d", "P116", "2001:db8:1::a:b:c:d", NULL },
    { "2001:db8:1::a:b:c:d", NULL, NULL, NULL },
    { "a@b@192.0.2.9", NULL, NULL, NULL },
    { "joe@=a@10.0.0.1", NULL, NULL, NULL },
    { "?", "P116", NULL, NULL },
};

static void
check_mend(const char *key, const struct pn_buffer *mend, const char *want)
{
    if (mend->size != strlen(want) ||
        (mend->size && memcmp(mend->bytes, want, mend->size) != 0))
        fail_msg("%s is mended to %.*s, not %s", key, (int)mend->size,
                 mend->size ? mend->bytes : "", want);
}

static void
a_key_that_nobody_asks_for_is_told_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(keys); i++) {
        struct pn_str key = { keys[i].key, strlen(keys[i].key) };
        enum pn_check check = pn_classic_key_fault(key);
        const char *code = check == PN_CHECK_NONE ? NULL : pn_check_info[check].code;
        struct pn_buffer mends[PN_KEY_ALTERNATIVES_MAX] = { { 0 } };
        size_t count = code ? pn_classic_key_alternatives(check, key, mends) : 0;

        if (!code != !keys[i].code || (code && strcmp(code, keys[i].code) != 0))
            fail_msg("%s: %s, not %s", key.ptr, code ? code : "well",
                     keys[i].code ? keys[i].code : "well");
        if (count != (keys[i].mend ? 1u : 0u) + (keys[i].other ? 1u : 0u))
            fail_msg("%s: %zu mends", key.ptr, count);
        if (keys[i].mend)
            check_mend(key.ptr, &mends[0], keys[i].mend);
        if (keys[i].other)
            check_mend(key.ptr, &mends[1], keys[i].other);
        for (size_t k = 0; k < PN_KEY_ALTERNATIVES_MAX; k++)
            pn_buffer_free(&mends[k]);
    }
}

static void
a_name_of_a_check_is_found_and_so_is_its_like(void **state)
{
    (void)state;
    assert_int_equal(pn_check_named(PN_STR("P202"), NULL, NULL), 1);
    assert_int_equal(pn_check_named(PN_STR("covered"), NULL, NULL), 1);
    assert_int_equal(pn_check_named(PN_STR("P2"), NULL, NULL), 7);
    assert_int_equal(pn_check_named(PN_STR("P"), NULL, NULL), 0);
    assert_int_equal(pn_check_named(PN_STR("P2021"), NULL, NULL), 0);
    assert_string_equal(pn_check_near(PN_STR("coverd")), "covered");
    assert_string_equal(pn_check_near(PN_STR("P999")), "P901");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_nobody_asks_for_is_told_why),
        cmocka_unit_test(a_name_of_a_check_is_found_and_so_is_its_like),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
