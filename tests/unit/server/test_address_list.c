/* server/address_list: items as people write them, and who is in the list */
#include "tests/support/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/address_list.h"

static struct postern_addr
addr_of(const char *text)
{
    struct postern_addr addr = POSTERN_ADDR_INIT;

    assert_true(postern_addr_parse(text, strlen(text), &addr));
    return addr;
}

static void
what_is_said_is_in_it_and_nothing_else(void **state)
{
    static const struct {
        const char *list, *in, *out; /* addresses with blanks between */
    } rows[] = {
        { "10.0.0.2", "10.0.0.2 ::ffff:10.0.0.2", "10.0.0.1 10.0.0.3 ::a00:2" },
        { "10.0.0.0/8", "10.0.0.0 10.255.255.255", "9.255.255.255 11.0.0.0" },
        { "10.0.0.4/30,10.0.0.8", "10.0.0.4 10.0.0.7 10.0.0.8", "10.0.0.3 10.0.0.9" },
        { "10.0.0.9-10.1.0.3", "10.0.0.9 10.0.255.0 10.1.0.3", "10.0.0.8 10.1.0.4" },
        { "0.0.0.0/0", "0.0.0.0 255.255.255.255", "::1" },
        { "::/0", "::1 ffff::", "0.0.0.0 10.0.0.1" },
        { "::ffff:10.0.0.0/104", "10.0.0.0 10.255.255.255", "11.0.0.0 ::1" },
        { "2001:db8::/33, ::1", "2001:db8:: 2001:db8:7fff:ffff:: ::1",
          "2001:db8:8000:: ::2 ::" },
        { "10.0.0.1,10.0.0.3,10.0.0.2", "10.0.0.1 10.0.0.2 10.0.0.3", "10.0.0.4" },
        { "10.0.0.0/8,10.1.0.0/16,255.255.255.255,9.0.0.0-10.0.0.4",
          "9.0.0.0 10.0.0.5 10.255.255.255 255.255.255.255", "8.255.255.255 11.0.0.0" },
        { "fe80::1-fe80::1:0", "fe80::1 fe80::ffff fe80::1:0", "fe80:: fe80::1:1" },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_address_list list = { .ranges = NULL };
        char fault[SRV_ADDRESS_FAULT_SIZE];

        assert_true(srv_address_list_add(&list, rows[i].list, fault));
        srv_address_list_finish(&list);
        for (int in = 0; in < 2; in++) {
            char words[200], *next = words, *word;

            snprintf(words, sizeof(words), "%s", in ? rows[i].in : rows[i].out);
            while ((word = strtok_r(next, " ", &next))) {
                struct postern_addr addr = addr_of(word);

                if (srv_address_list_has(&list, &addr) != (in == 1))
                    fail_msg("%s: %s", rows[i].list, word);
            }
        }
        srv_address_list_clear(&list);
    }
}

static void
what_is_no_item_is_said(void **state)
{
    static const struct {
        const char *list, *fault;
    } rows[] = {
        { "", "no address in it" },
        { " , ,", "no address in it" },
        { "*", "no address, prefix or range: \"*\"" },
        { "10.", "no address, prefix or range: \"10.\"" },
        { "10.0.0.1,mail.example", "no address, prefix or range: \"mail.example\"" },
        { "=mail.example", "no address, prefix or range: \"=mail.example\"" },
        { "$balancers", "no address, prefix or range: \"$balancers\"" },
        { "joe@10.0.0.1", "no address, prefix or range: \"joe@10.0.0.1\"" },
        { "10.0.0.0/33", "no address, prefix or range: \"10.0.0.0/33\"" },
        { "10.0.0.0/", "no address, prefix or range: \"10.0.0.0/\"" },
        { "/8", "no address, prefix or range: \"/8\"" },
        { "10.0.0.1/8", "a prefix with bits set behind its length: \"10.0.0.1/8\"" },
        { "::ffff:10.0.0.0/64",
          "a prefix with bits set behind its length: \"::ffff:10.0.0.0/64\"" },
        { "10.0.0.9-10.0.0.1",
          "a range that ends before it begins: \"10.0.0.9-10.0.0.1\"" },
        { "10.0.0.1-::2", "no address, prefix or range: \"10.0.0.1-::2\"" },
        { "fe80::1%eth0", "no address, prefix or range: \"fe80::1%eth0\"" },
        { "a\033[31mb", "no address, prefix or range: \"a?[31mb\"" },
        { "@/no/such/file", "/no/such/file: file does not exist" },
        { "@/", "/: no regular file" },
        { "@/dev/null", "/dev/null: no regular file" },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_address_list list = { .ranges = NULL };
        char fault[SRV_ADDRESS_FAULT_SIZE] = "";

        assert_false(srv_address_list_add(&list, rows[i].list, fault));
        assert_string_equal(fault, rows[i].fault);
        srv_address_list_clear(&list);
    }
}

static void
a_file_has_lines_and_remarks(void **state)
{
    static const struct {
        const char *text, *fault; /* NULL: it is read; NAME stands for the file */
        size_t count;
    } rows[] = {
        { "# balancers\n10.0.0.2\n\n 10.0.0.4 ,10.0.0.6\t10.0.0.8 # two\r\n", NULL, 4 },
        { "10.0.0.2", NULL, 1 },
        { "# nobody\n", "no address in it", 0 },
        { "10.0.0.2\n10.0.0.\n", ":2: no address, prefix or range: \"10.0.0.\"", 0 },
        { "10.0.0.2\n\n@other\n", ":3: no address, prefix or range: \"@other\"", 0 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_address_list list = { .ranges = NULL };
        char name[] = "@/tmp/test_address_list.XXXXXX", fault[SRV_ADDRESS_FAULT_SIZE];
        int fd = mkstemp(name + 1);
        bool good;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, rows[i].text, strlen(rows[i].text)),
                         strlen(rows[i].text));
        close(fd);
        good = srv_address_list_add(&list, name, fault);
        unlink(name + 1);
        assert_int_equal(good, !rows[i].fault);
        if (good) {
            srv_address_list_finish(&list);
            assert_int_equal(list.count, rows[i].count);
        } else {
            assert_non_null(strstr(fault, rows[i].fault));
        }
        srv_address_list_clear(&list);
    }
}

static void
everybody_is_noticed_by_pieces_too(void **state)
{
    static const struct {
        const char *list;
        bool four, six;
    } rows[] = {
        { "0.0.0.0/0", true, false },
        { "128.0.0.0/1,0.0.0.0/2,64.0.0.0/2", true, false },
        { "0.0.0.0-255.255.255.254", false, false },
        { "0.0.0.1-255.255.255.255", false, false },
        { "::/1,8000::/1", false, true },
        { "::/0,0.0.0.0/0", true, true },
        { "10.0.0.0/8", false, false },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        struct srv_address_list list = { .ranges = NULL };
        char fault[SRV_ADDRESS_FAULT_SIZE];

        assert_true(srv_address_list_add(&list, rows[i].list, fault));
        srv_address_list_finish(&list);
        assert_int_equal(srv_address_list_is_all(&list, 4), rows[i].four);
        assert_int_equal(srv_address_list_is_all(&list, 6), rows[i].six);
        srv_address_list_clear(&list);
    }
}

/* Of random ranges: in the list is what is in one of them. */
static void
joined_ranges_hold_what_each_of_them_did(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 2000; round++) {
        struct srv_address_list list = { .ranges = NULL };
        char text[400] = "", fault[SRV_ADDRESS_FAULT_SIZE];
        int count = rand() % 8 + 1, bounds[8][2];
        size_t used = 0;

        for (int i = 0; i < count; i++) {
            bounds[i][0] = rand() % 256;
            bounds[i][1] = bounds[i][0] + rand() % (256 - bounds[i][0]);
            used += (size_t)snprintf(text + used, sizeof(text) - used,
                                     "255.255.255.%d-255.255.255.%d,", bounds[i][0],
                                     bounds[i][1]);
        }
        assert_true(srv_address_list_add(&list, text, fault));
        srv_address_list_finish(&list);
        for (int last = 0; last < 256; last++) {
            const struct postern_addr addr = { 4, { 255, 255, 255, (uint8_t)last } };
            bool in = false;

            for (int i = 0; i < count; i++)
                in |= bounds[i][0] <= last && last <= bounds[i][1];
            assert_int_equal(srv_address_list_has(&list, &addr), in);
        }
        srv_address_list_clear(&list);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_in_it_and_nothing_else),
        cmocka_unit_test(what_is_no_item_is_said),
        cmocka_unit_test(a_file_has_lines_and_remarks),
        cmocka_unit_test(everybody_is_noticed_by_pieces_too),
        cmocka_unit_test(joined_ranges_hold_what_each_of_them_did),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
