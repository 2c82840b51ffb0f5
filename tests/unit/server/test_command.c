/* server/command and config: letters, clusters, arguments, and where they end */
#include "tests/support/harness.h"

#include "base/options.h"
#include "server/config.h"

static int
count_words(const char *const *words)
{
    int count = 0;

    while (words[count])
        count++;
    return count;
}

static bool
parse(struct srv_config *config, const char *const *words, int *status)
{
    return srv_config_parse(config, &srv_tcpserver, count_words(words),
                            (char **)words, status);
}

static void
a_run_script_of_the_original_is_understood(void **state)
{
    static const char *const words[] = {
        "tcpserver", "-vRHl0", "-c100", "-x",       "r.cdb", "-u",          "7",  "-g8",
        "-D",        "-C5/48", "--",    "10.0.0.1", "smtp",  "qmail-smtpd", "-x", NULL
    };
    struct srv_config config;
    int status;

    (void)state;
    assert_true(parse(&config, words, &status));
    assert_int_equal(config.verbosity, SRV_VERBOSE);
    assert_int_equal(config.lookup_host | config.lookup_ident, 0);
    assert_string_equal(config.local_host, "0");
    assert_int_equal(config.limit, 100);
    assert_int_equal(config.backlog, 20);
    assert_string_equal(config.rules_path, "r.cdb");
    assert_int_equal(config.uid, 7);
    assert_int_equal(config.gid, 8);
    assert_int_equal(config.no_delay, 1);
    assert_int_equal(config.per_source.count, 1);
    assert_int_equal(config.per_source.of[0].n, 5);
    assert_int_equal(config.per_source.of[0].per.v4, 32);
    assert_int_equal(config.per_source.of[0].per.v6, 48);
    assert_string_equal(config.host, "10.0.0.1");
    assert_string_equal(config.port, "smtp");
    assert_string_equal(config.program[0], "qmail-smtpd");
    assert_string_equal(config.program[1], "-x"); /* the program's own */
}

static void
the_last_word_counts_and_defaults_are_the_originals(void **state)
{
    static const char *const few[] = { "tcpserver", "", "0", "p", NULL };
    static const char *const twice[] = {
        "tcpserver", "-HhRrpPoODdvqQ", "-c3", "-c", "9", "0", "0", "p", NULL
    };
    struct srv_config config;
    int status;

    (void)state;
    assert_true(parse(&config, few, &status));
    assert_string_equal(config.host, "0");
    assert_int_equal(config.limit, 40);
    assert_int_equal(config.timeout_s, 26);
    assert_int_equal(config.verbosity, SRV_ERRORS);
    assert_int_equal(config.lookup_host & config.lookup_ident, 1);
    assert_true(parse(&config, twice, &status));
    assert_int_equal(config.lookup_host & config.lookup_ident, 1);
    assert_int_equal(config.paranoid | config.keep_ip_options | config.no_delay, 0);
    assert_int_equal(config.limit, 9);
    assert_int_equal(config.verbosity, SRV_ERRORS);
}

static void
numbers_are_digits_within_their_bounds(void **state)
{
    static const struct {
        const char *text;
        bool fine;
        size_t value;
    } rows[] = {
        { "0", true, 0 },
        { "65535", true, 65535 },
        { "65536", false, 0 },
        { "", false, 0 },
        { "-1", false, 0 },
        { "+1", false, 0 },
        { " 1", false, 0 },
        { "1x", false, 0 },
        { "0x10", false, 0 },
        { "007", true, 7 },
        { "99999999999999999999999", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(rows); i++) {
        size_t value = 0;

        if (pn_count_parse(rows[i].text, 0, 65535, &value) != rows[i].fine ||
            value != rows[i].value)
            fail_msg("\"%s\": %zu", rows[i].text, value);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_script_of_the_original_is_understood),
        cmocka_unit_test(the_last_word_counts_and_defaults_are_the_originals),
        cmocka_unit_test(numbers_are_digits_within_their_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
