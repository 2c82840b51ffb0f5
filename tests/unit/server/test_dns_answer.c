/* server/dns_answer: names, addresses and texts of answers, whole and damaged */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "base/reverse_name.h"
#include "server/dns_answer.h"

/* Header, a question for "x", and records whose owner is that name. */
#define HEAD(count) "\x12\x34\x81\x80\0\1\0" count "\0\0\0\0\1x\0\0\x0c\0\1"
#define RR(type, size) "\xc0\x0c\0" type "\0\1\0\0\0\x3c\0" size

#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1

static void
names_are_spelt_as_the_original_spells_them(void **state)
{
    char name[SRV_DNS_NAME_SIZE];

    (void)state;
    assert_true(
        srv_dns_name(BYTES(HEAD("\1") RR("\x0c", "\x0d") "\3Foo\7eXample\0"), name));
    assert_string_equal(name, "foo.example");
    assert_true(
        srv_dns_name(BYTES(HEAD("\1") RR("\x0c", "\x08") "\6a. \\\xff_\0"), name));
    assert_string_equal(name, "a\\056\\040\\134\\377_");
    assert_true(srv_dns_name(BYTES(HEAD("\1") RR("\x0c", "\1") "\0"), name));
    assert_string_equal(name, ".");
    /* the first of two; records of other types and classes are passed over */
    assert_true(srv_dns_name(BYTES(HEAD("\3") RR("\1", "\4") "\1\2\3\4" RR(
                                 "\x0c", "\3") "\1a\0" RR("\x0c", "\3") "\1b\0"),
                             name));
    assert_string_equal(name, "a");
}

static void
a_name_may_point_but_not_in_circles(void **state)
{
    char name[SRV_DNS_NAME_SIZE];

    (void)state;
    assert_true(srv_dns_name(BYTES(HEAD("\1") RR("\x0c", "\4") "\1a\xc0\x0c"), name));
    assert_string_equal(name, "a.x");
    assert_false(srv_dns_name(BYTES(HEAD("\1") RR("\x0c", "\4") "\1a\xc0\x1f"), name));
    assert_false(srv_dns_name(BYTES(HEAD("\0")), name));
    assert_false(srv_dns_name(BYTES(""), name));
}

static void
only_a_response_to_one_question_is_an_answer(void **state)
{
    static const char *const heads[] = { "\x12\x34\x01\x00\0\1", "\x12\x34\x81\x80\0\0",
                                         "\x12\x34\x81\x80\0\2" };
    unsigned char answer[] = HEAD("\1") RR("\x0c", "\3") "\1a\0";
    char name[SRV_DNS_NAME_SIZE];

    (void)state;
    assert_true(srv_dns_name(answer, sizeof(answer) - 1, name));
    for (size_t i = 0; i < PN_COUNT_OF(heads); i++) {
        memcpy(answer, heads[i], 6);
        assert_false(srv_dns_name(answer, sizeof(answer) - 1, name));
    }
}

/* A record of another owner: "y", written out. */
#define OF_Y(type, size) "\1y\0\0" type "\0\1\0\0\0\x3c\0" size

static void
records_count_by_their_owners(void **state)
{
    static const struct {
        const unsigned char *bytes;
        size_t size;
        const char *name; /* NULL: none */
    } cases[] = {
        { BYTES(HEAD("\1") OF_Y("\x0c", "\3") "\1a\0"), NULL },
        { BYTES(HEAD("\2") OF_Y("\x0c", "\3") "\1a\0" RR("\x0c", "\3") "\1b\0"), "b" },
        { BYTES(HEAD("\2") RR("\5", "\3") "\1Y\0" OF_Y("\x0c", "\3") "\1a\0"), "a" },
        { BYTES(HEAD("\2") OF_Y("\x0c", "\3") "\1a\0" RR("\5", "\3") "\1Y\0"), "a" },
        { BYTES(HEAD("\2") RR("\5", "\3") "\1z\0" OF_Y("\x0c", "\3") "\1a\0"), NULL },
        /* a circle: where it stops is no matter, as long as it does */
        { BYTES(HEAD("\2") RR("\5", "\3") "\1y\0" OF_Y("\5", "\2") "\xc0\x0c"), NULL },
        { BYTES(HEAD("\1") RR("\5", "\2") "\xc0\x0c"), NULL },
    };
    char name[SRV_DNS_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++) {
        bool found = srv_dns_name(cases[i].bytes, cases[i].size, name);

        if (found != (cases[i].name != NULL))
            fail_msg("case %zu: %s", i, found ? name : "nothing");
        if (found)
            assert_string_equal(name, cases[i].name);
    }
}

static void
an_answer_is_whole_when_every_record_is(void **state)
{
    (void)state;
    assert_true(srv_dns_is_whole(BYTES(HEAD("\0"))));
    assert_true(srv_dns_is_whole(BYTES(HEAD("\1") RR("\1", "\4") "\1\2\3\4")));
    assert_false(srv_dns_is_whole(BYTES(HEAD("\2") RR("\1", "\4") "\1\2\3\4")));
    assert_false(srv_dns_is_whole(BYTES(HEAD("\1") RR("\1", "\4") "\1\2\3")));
    assert_false(srv_dns_is_whole(BYTES("\x12\x34")));
}

static void
addresses_of_both_kinds_are_found(void **state)
{
    struct postern_addr found[SRV_DNS_ADDRESSES];
    char text[POSTERN_ADDR_TEXT_SIZE];

    (void)state;
    assert_int_equal(
        srv_dns_addresses(
            BYTES(HEAD("\3") RR("\x1c", "\x10") "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0"
                                                "\0\1" RR("\1", "\4") "\1\2\3\4" RR(
                                                    "\1", "\3") "\1\2\3"),
            found),
        2);
    postern_addr_print(&found[0], text);
    assert_string_equal(text, "1.2.3.4");
    postern_addr_print(&found[1], text);
    assert_string_equal(text, "2001:db8::1");
}

static void
texts_are_joined_made_printable_and_cut(void **state)
{
    char text[8];

    (void)state;
    assert_true(srv_dns_text(
        BYTES(HEAD("\2") RR("\x10", "\5") "\1a\2b\1" RR("\x10", "\2") "\1c"), text,
        sizeof(text)));
    assert_string_equal(text, "ab?c");
    assert_true(srv_dns_text(BYTES(HEAD("\1") RR("\x10", "\x0a") "\x09"
                                                                 "123456789"),
                             text, sizeof(text)));
    assert_string_equal(text, "1234567");
    /* a string that says it is longer than its record */
    assert_true(srv_dns_text(BYTES(HEAD("\1") RR("\x10", "\3") "\xff"
                                                               "ab"),
                             text, sizeof(text)));
    assert_string_equal(text, "ab");
    assert_false(srv_dns_text(BYTES(HEAD("\0")), text, sizeof(text)));
}

/* Every truncation, and every byte set to every value: nothing is read beyond the end.
 */
static void
a_damaged_answer_is_read_within_its_bytes(void **state)
{
    static const char whole[] = HEAD("\3") RR("\x0c", "\4") "\1a\xc0\x0c" RR(
        "\1", "\4") "\1\2\3\4" RR("\x10", "\5") "\1a\2b\1";
    struct postern_addr found[SRV_DNS_ADDRESSES];
    char name[SRV_DNS_NAME_SIZE], text[200];

    (void)state;
    for (size_t size = 0; size < sizeof(whole); size++)
        for (int value = -1; value < 256; value++) {
            unsigned char *copy = malloc(size ? size : 1); /* for ASan to watch */

            assert_non_null(copy);
            memcpy(copy, whole, size);
            if (value >= 0 && size)
                copy[(size_t)value * 7 % size] = (unsigned char)value;
            (void)srv_dns_name(copy, size, name);
            (void)srv_dns_addresses(copy, size, found);
            (void)srv_dns_text(copy, size, text, sizeof(text));
            free(copy);
        }
}

static void
reverse_names_of_both_families(void **state)
{
    static const struct postern_addr v4 = { 4, { 1, 2, 3, 4 } };
    static const struct postern_addr v6 = { 6, { 0x20, 0x01, [15] = 0xfe } };
    char name[SRV_DNS_REVERSE_SIZE];

    (void)state;
    assert_true(
        pn_reverse_name(v4.family, v4.bytes, "list.example", "", name, sizeof(name)));
    assert_string_equal(name, "4.3.2.1.list.example");
    assert_true(
        pn_reverse_name(v6.family, v6.bytes, "", "ip6.arpa", name, sizeof(name)));
    assert_string_equal(name, "e.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
                              "1.0.0.2.ip6.arpa");
    assert_false(pn_reverse_name(v6.family, v6.bytes, "", "ip6.arpa", name, 40));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_spelt_as_the_original_spells_them),
        cmocka_unit_test(a_name_may_point_but_not_in_circles),
        cmocka_unit_test(only_a_response_to_one_question_is_an_answer),
        cmocka_unit_test(records_count_by_their_owners),
        cmocka_unit_test(an_answer_is_whole_when_every_record_is),
        cmocka_unit_test(addresses_of_both_kinds_are_found),
        cmocka_unit_test(texts_are_joined_made_printable_and_cut),
        cmocka_unit_test(a_damaged_answer_is_read_within_its_bytes),
        cmocka_unit_test(reverse_names_of_both_families),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
