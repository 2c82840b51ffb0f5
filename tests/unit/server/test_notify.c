/* server/notify: addresses and times as supervisors give them; and --ready-fd */
#include "tests/support/harness.h"

#include "server/config.h"
#include "server/notify.h"

static void
an_address_is_a_path_or_a_name_behind_at(void **state)
{
    static const struct {
        const char *text;
        bool fine;
        size_t size; /* without the family */
    } rows[] = {
        { "/run/systemd/notify", true, 20 },
        { "/", true, 2 },
        { "@a", true, 2 },
        { "@/org/name", true, 10 },
        { "@", false, 0 },
        { "", false, 0 },
        { "run/notify", false, 0 },
        { " /run", false, 0 },
        { "vsock:2:1234", false, 0 },
    };
    struct srv_notify notify;

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        const char *fault = srv_notify_address(rows[i].text, &notify);

        if ((fault == NULL) != rows[i].fine)
            fail_msg("\"%s\": %s", rows[i].text, fault ? fault : "taken");
        if (fault)
            continue;
        assert_int_equal(notify.size,
                         offsetof(struct sockaddr_un, sun_path) + rows[i].size);
        assert_int_equal(notify.address.sun_path[0], *rows[i].text == '@' ? '\0' : '/');
        assert_string_equal(notify.address.sun_path + 1, rows[i].text + 1);
    }
}

/* A path needs room for its NUL; a name in the abstract name space has none. */
static void
an_address_fits_to_the_byte(void **state)
{
    enum { ROOM = sizeof(((struct sockaddr_un *)NULL)->sun_path) };
    struct srv_notify notify;
    char text[ROOM + 2];

    (void)state;
    for (size_t len = ROOM - 1; len <= ROOM + 1; len++) {
        memset(text, 'x', len);
        text[len] = '\0';
        text[0] = '/';
        assert_int_equal(srv_notify_address(text, &notify) == NULL, len < ROOM);
        text[0] = '@';
        assert_int_equal(srv_notify_address(text, &notify) == NULL, len <= ROOM);
    }
}

static void
a_sign_of_life_is_due_at_half_of_the_time(void **state)
{
    static const struct {
        const char *usec, *pid;
        bool fine;
        int64_t every_ms;
    } rows[] = {
        { NULL, NULL, true, 0 },
        { "", "", true, 0 },
        { NULL, "x", true, 0 },
        { "30000000", NULL, true, 15000 },
        { "30000000", "", true, 15000 },
        { "30000000", "77", true, 15000 },
        { "30000000", "78", true, 0 },
        { "what", "78", true, 0 },
        { "1", NULL, true, 1 },
        { "1999", NULL, true, 1 },
        { "4000", NULL, true, 2 },
        { "0", NULL, false, 0 },
        { "-1", NULL, false, 0 },
        { "1 ", NULL, false, 0 },
        { "30s", "77", false, 0 },
        { "18446744073709551615", NULL, false, 0 },
        { "99999999999999999999999", NULL, false, 0 },
        { "30000000", "0", false, 0 },
        { "30000000", "-77", false, 0 },
        { "30000000", "4294967373", false, 0 }, /* 77 in 32 bits */
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        int64_t every_ms = -1;
        const char *fault =
            srv_notify_watchdog(rows[i].usec, rows[i].pid, 77, &every_ms);

        if ((fault == NULL) != rows[i].fine || every_ms != rows[i].every_ms)
            fail_msg("row %zu: %s", i, fault ? fault : "taken");
    }
}

static void
a_descriptor_is_an_option_with_one_word(void **state)
{
    static const char *const none[] = { "tcpserver", "0", "0", "p", NULL };
    static const char *const words[] = { "tcpserver", "--ready-fd", "3", "-RH",
                                         "0",         "25",         "p", NULL };
    static const char *const sign[] = { "tcpserver", "--ready-fd=2147483647",
                                        "0",         "25",
                                        "p",         NULL };
    struct srv_config config;
    int status;

    (void)state;
    assert_true(srv_config_parse(&config, &srv_tcpserver, 4, (char **)none, &status));
    assert_int_equal(config.ready_fd, 0);
    assert_true(srv_config_parse(&config, &srv_tcpserver, 7, (char **)words, &status));
    assert_int_equal(config.ready_fd, 3);
    assert_int_equal(config.lookup_host | config.lookup_ident, 0);
    assert_string_equal(config.port, "25");
    assert_true(srv_config_parse(&config, &srv_tcpserver, 5, (char **)sign, &status));
    assert_int_equal(config.ready_fd, INT32_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_a_path_or_a_name_behind_at),
        cmocka_unit_test(an_address_fits_to_the_byte),
        cmocka_unit_test(a_sign_of_life_is_due_at_half_of_the_time),
        cmocka_unit_test(a_descriptor_is_an_option_with_one_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
