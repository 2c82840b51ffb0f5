/* compiler/expand: ranges of the classic dialect */
#include "tests/support/harness.h"

#include <stdio.h>

#include "compiler/expand.h"

static const struct {
    const char *address;
    const char *first, *last; /* NULL: refused; "": no keys */
    size_t count;
} addresses[] = {
    { "10.1.2.3", "10.1.2.3", "10.1.2.3", 1 },
    { "", "", "", 1 },
    { "1.2.3.37-53", "1.2.3.37", "1.2.3.53", 17 },
    { "10.1-4.", "10.1.", "10.4.", 4 },
    { "1-3", "1", "3", 3 },
    { "-", "0", "0", 1 },
    { "1.-2.3", "1.0.3", "1.2.3", 3 },
    { "1.5-.3", NULL, "", 0 },
    { "1.2.3.250-999", "1.2.3.250", "1.2.3.255", 6 },
    { "1.2.3.9-2", NULL, "", 0 },
    { "1.2.3.256-300", NULL, "", 0 },
    { "1.18446744073709551617-3", "1.1", "1.3", 3 },
    { "1.007-09", "1.7", "1.9", 3 },
    { "1-2.3-4", "1.3-4", "2.3-4", 2 },
    { "joe@1-2", "joe@1-2", "joe@1-2", 1 },
    { "=a-b", "=a-b", "=a-b", 1 },
    { "a-b", NULL, NULL, 0 },
    { "1.2-3-4", NULL, NULL, 0 },
    { "1.+2-3", NULL, NULL, 0 },
    { "1 -2", NULL, NULL, 0 },
};

static void
addresses_expand_to_the_keys_of_the_original(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(addresses); i++) {
        const char *text = addresses[i].address;
        struct pn_expansion expansion;
        bool good = pn_expand((struct pn_str){ text, strlen(text) }, &expansion);
        size_t count = good ? pn_expansion_count(&expansion) : 0;
        char key[64];

        if (good != (addresses[i].last != NULL) || count != addresses[i].count)
            fail_msg("%s: %d, %zu keys", text, good, count);
        for (size_t k = 0; k < count; k++) {
            size_t len = pn_expansion_key(&expansion, k, key);

            assert_true(len <= pn_expansion_size(&expansion));
            key[len] = '\0';
            if (k == 0)
                assert_string_equal(key, addresses[i].first);
        }
        if (count)
            assert_string_equal(key, addresses[i].last);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_expand_to_the_keys_of_the_original),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
