/* runtime/address */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/harness.h"

static const struct {
    const char *text, *canonical; /* NULL: no address */
} addresses[] = {
    { "0.0.0.0", "0.0.0.0" },
    { "255.255.255.255", "255.255.255.255" },
    { "192.0.2.7", "192.0.2.7" },
    { "::", "::" },
    { "::1", "::1" },
    { "1::", "1::" },
    { "2001:DB8::7", "2001:db8::7" },
    { "2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1" },
    { "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
    { "0:0:1:0:0:0:1:0", "0:0:1::1:0" },
    { "1:0:0:2:0:0:3:4", "1::2:0:0:3:4" },
    { "0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7" },
    { "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
    { "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
    { "::1:2", "::1:2" },
    { "::192.0.2.7", "::c000:207" },
    { "::ffff:192.0.2.7", "192.0.2.7" },
    { "::FFFF:c000:207", "192.0.2.7" },
    { "64:ff9b::192.0.2.7", "64:ff9b::c000:207" },
    { "", NULL },
    { "1.2.3", NULL },
    { "1.2.3.4.", NULL },
    { "1.2.3.256", NULL },
    { "01.2.3.4", NULL },
    { " 1.2.3.4", NULL },
    { "1.2.3.4 ", NULL },
    { "1:2:3:4:5:6:7", NULL },
    { "1::2::3", NULL },
    { "12345::", NULL },
    { "fe80::1%eth0", NULL },
    { "[::1]", NULL },
    { "::ffff:1.2.3.4.5", NULL },
    { "mx.example.com", NULL },
    { "0000:0000:0000:0000:0000:0000:0000:0000:0000:0", NULL },
};

static void
addresses_are_read_and_printed_canonically(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(addresses); i++) {
        const char *want = addresses[i].canonical;
        struct postern_addr addr = { .family = 99 };
        char text[POSTERN_ADDR_TEXT_SIZE];
        size_t len;
        bool good =
            postern_addr_parse(addresses[i].text, strlen(addresses[i].text), &addr);

        if (good != (want != NULL))
            fail_msg("%s: %s", addresses[i].text, good ? "read" : "refused");
        if (!good) {
            assert_int_equal(addr.family, 99);
            continue;
        }
        len = postern_addr_print(&addr, text);
        assert_string_equal(text, want);
        assert_int_equal(len, strlen(want));
    }
}

/* Texts that are nearly addresses, against inet_pton(3). */
static void
ipv4_is_what_the_system_takes_for_it(void **state)
{
    static const char *const parts[] = { "0",    "1",   "9",   "10", "99",  "100",
                                         "255",  "256", "300", "00", "01",  "012",
                                         "1000", "",    " 1",  "-1", "0x1", "1." };
    enum { PARTS = PN_COUNT_OF(parts) };
    size_t taken = 0;

    (void)state;
    for (unsigned n = 0; n < PARTS * PARTS * PARTS * PARTS; n++) {
        const char *const four[] = { parts[n % PARTS], parts[n / PARTS % PARTS],
                                     parts[n / PARTS / PARTS % PARTS],
                                     parts[n / PARTS / PARTS / PARTS] };
        struct postern_addr addr;
        uint8_t bytes[4];
        char text[32];
        int len = snprintf(text, sizeof(text), "%s.%s.%s.%s", four[0], four[1], four[2],
                           four[3]);
        bool want = inet_pton(AF_INET, text, bytes) == 1;

        if (postern_addr_parse(text, (size_t)len, &addr) != want ||
            (want && memcmp(addr.bytes, bytes, sizeof(bytes)) != 0))
            fail_msg("%s: %s", text, want ? "an address" : "none");
        taken += want;
    }
    assert_int_equal(taken, 7 * 7 * 7 * 7);
}

/* Any byte at any place of an address, in memory that ends where the text does. */
static void
ipv4_with_one_byte_changed_is_what_the_system_takes_for_it(void **state)
{
    static const char *const texts[] = { "1.2.3.4",       "10.2.3.4",
                                         "100.20.3.4",    "192.0.2.1",
                                         "192.0.2.10",    "192.0.2.100",
                                         "198.51.100.17", "9.255.25.131",
                                         "203.0.113.254", "255.255.255.255" };

    (void)state;
    for (size_t n = 0; n < PN_COUNT_OF(texts); n++)
        for (size_t at = 0; at < strlen(texts[n]); at++)
            for (unsigned byte = 1; byte < 256; byte++) {
                size_t len = strlen(texts[n]);
                char *text = malloc(len), terminated[32];
                struct postern_addr addr;
                uint8_t bytes[4];
                bool want;

                memcpy(terminated, texts[n], len + 1);
                terminated[at] = (char)byte;
                memcpy(text, terminated, len);
                want = inet_pton(AF_INET, terminated, bytes) == 1;
                if (postern_addr_parse(text, len, &addr) != want ||
                    (want && memcmp(addr.bytes, bytes, sizeof(bytes)) != 0))
                    fail_msg("%s: %s", terminated, want ? "an address" : "none");
                free(text);
            }
}

static void
a_nul_in_the_text_is_no_end(void **state)
{
    struct postern_addr addr;

    (void)state;
    assert_false(postern_addr_parse("1.2.3.4\0", 8, &addr));
    assert_false(postern_addr_parse("1.2.3.4\0junk", 12, &addr));
}

/* Every pattern of zero groups, printed and read again. */
static void
every_pattern_of_zero_groups_comes_back(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        struct postern_addr addr = { .family = 6 }, back;
        char text[POSTERN_ADDR_TEXT_SIZE];
        size_t len;

        for (unsigned g = 0; g < 8; g++)
            if (pattern >> g & 1)
                addr.bytes[2 * g + 1] = (uint8_t)(g + 1);
        len = postern_addr_print(&addr, text);
        if (!postern_addr_parse(text, len, &back) ||
            memcmp(addr.bytes, back.bytes, sizeof(addr.bytes)) != 0)
            fail_msg("pattern %u: %s", pattern, text);
        len = postern_addr_spell(&addr, text);
        if (!postern_addr_parse(text, len, &back) ||
            memcmp(addr.bytes, back.bytes, sizeof(addr.bytes)) != 0)
            fail_msg("pattern %u, spelt: %s", pattern, text);
    }
}

/* How the patched ucspi-tcp writes IPv6: the text that classic files are asked for. */
static void
tcpserver_shortens_a_single_group_of_zeros(void **state)
{
    static const struct {
        const char *address, *text;
    } spelt[] = {
        { "2001:db8:1:0:a:b:c:d", "2001:db8:1::a:b:c:d" },
        { "0:1:2:3:4:5:6:7", "::1:2:3:4:5:6:7" },
        { "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7::" },
        { "1:0:2:0:3:4:5:6", "1::2:0:3:4:5:6" },
        { "1:0:2:0:0:4:5:6", "1:0:2::4:5:6" },
        { "0:1:0:0:2:0:0:0", "0:1:0:0:2::" },
        { "0:0:1:0:0:0:0:0", "0:0:1::" },
        { "::1.2.3.4", "::102:304" },
        { "::ffff:1.2.3.4", "1.2.3.4" },
        { "::", "::" },
        { "2001:DB8::00A1", "2001:db8::a1" },
        { "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(spelt); i++) {
        struct postern_addr addr;
        char text[POSTERN_ADDR_TEXT_SIZE];

        assert_true(
            postern_addr_parse(spelt[i].address, strlen(spelt[i].address), &addr));
        assert_int_equal(postern_addr_spell(&addr, text), strlen(spelt[i].text));
        assert_string_equal(text, spelt[i].text);
    }
}

static void
no_address_prints_nothing(void **state)
{
    struct postern_addr none = { 0 };
    char text[POSTERN_ADDR_TEXT_SIZE] = "x";

    (void)state;
    assert_int_equal(postern_addr_print(&none, text), 0);
    assert_string_equal(text, "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_and_printed_canonically),
        cmocka_unit_test(ipv4_is_what_the_system_takes_for_it),
        cmocka_unit_test(ipv4_with_one_byte_changed_is_what_the_system_takes_for_it),
        cmocka_unit_test(a_nul_in_the_text_is_no_end),
        cmocka_unit_test(every_pattern_of_zero_groups_comes_back),
        cmocka_unit_test(tcpserver_shortens_a_single_group_of_zeros),
        cmocka_unit_test(no_address_prints_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
