/* What a change of a variable comes to for a client, and which names are nearly known.
 */
#include "tests/support/harness.h"

#include "analysis/lint/variables.h"

static struct pn_str
str(const char *text)
{
    return (struct pn_str){ text, text ? strlen(text) : 0 };
}

static const struct {
    const char *name, *before, *after; /* NULL: not set */
    unsigned change;
} changes[] = {
    { "RELAYCLIENT", NULL, "", PN_CHANGE_MORE },
    { "RELAYCLIENT", "", NULL, PN_CHANGE_LESS },
    { "RELAYCLIENT", "", "@fixme", PN_CHANGE_OTHER },
    { "RELAYCLIENT", "", "", PN_CHANGE_NONE },
    { "RBLSMTPD", NULL, "", PN_CHANGE_MORE },
    { "RBLSMTPD", NULL, "-no", PN_CHANGE_LESS },
    { "RBLSMTPD", "-no", NULL, PN_CHANGE_MORE },
    { "RBLSMTPD", "", "no", PN_CHANGE_LESS },
    { "RBLSMTPD", "-no", "later", PN_CHANGE_OTHER },
    { "AXFR", NULL, "", PN_CHANGE_LESS },
    { "AXFR", "a.example", NULL, PN_CHANGE_MORE },
    { "AXFR", "a.example", "b.example/a.example", PN_CHANGE_MORE },
    { "AXFR", "a.example/b.example", "b.example", PN_CHANGE_LESS },
    { "AXFR", "a.example/b.example", "b.example/a.example", PN_CHANGE_NONE },
    { "AXFR", "a.example", "b.example", PN_CHANGE_MORE | PN_CHANGE_LESS },
    { "GREETDELAY", NULL, "15", PN_CHANGE_LESS },
    { "GREETDELAY", "15", "0", PN_CHANGE_MORE },
    { "GREETDELAY", NULL, "0", PN_CHANGE_NONE },
    { "GREETDELAY", "15", "soon", PN_CHANGE_OTHER },
    { "CHKUSER_RCPTLIMIT", NULL, "15", PN_CHANGE_LESS },
    { "CHKUSER_RCPTLIMIT", "15", "50", PN_CHANGE_MORE },
    { "CHKUSER_RCPTLIMIT", "15", "0", PN_CHANGE_MORE },
    { "CHKUSER_WRONGRCPTLIMIT", "3", "2", PN_CHANGE_LESS },
    { "DATABYTES", NULL, "1000", PN_CHANGE_OTHER },
    { "DATABYTES", "1000", "0", PN_CHANGE_MORE },
    { "DATABYTES", "1000", "999", PN_CHANGE_LESS },
    { "SENDER_NOCHECK", NULL, "1", PN_CHANGE_MORE },
    { "NOP0FCHECK", "1", NULL, PN_CHANGE_LESS },
    { "BADMIMETYPE", NULL, "", PN_CHANGE_LESS },
    { "QMAILQUEUE", NULL, "/var/qmail/bin/simscan", PN_CHANGE_OTHER },
    { "MAXCONNIP", NULL, "5", PN_CHANGE_NONE },
    { "TAG", NULL, "x", PN_CHANGE_OTHER },
    { "relayclient", NULL, "", PN_CHANGE_OTHER },
};

static void
a_change_is_what_the_programs_make_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(changes); i++) {
        unsigned got = pn_variable_change(str(changes[i].name), str(changes[i].before),
                                          str(changes[i].after));

        if (got != changes[i].change)
            fail_msg("%s from %s to %s is %u", changes[i].name,
                     changes[i].before ? changes[i].before : "(none)",
                     changes[i].after ? changes[i].after : "(none)", got);
    }
}

static void
near_misses_are_of_names_that_do_something(void **state)
{
    static const char *const pairs[][2] = {
        { "RELAYCLEINT", "RELAYCLIENT" },
        { "RBLSMPTD", "RBLSMTPD" },
        { "axfr", "AXFR" },
        { "CHKUSER_RCPTLIMT", "CHKUSER_RCPTLIMIT" },
        { "SENDERNOCHECK", "SENDER_NOCHECK" },
        { "QMAILQUEU", "QMAILQUEUE" },
        { "SPFBEHAVIOUR", "SPFBEHAVIOR" },
        { "RELAYCLIENT", NULL },
        { "MAXCONN", NULL },
        { "IXFR", NULL },
        { "SIMSCAN_SPAM", NULL },
        { "TAG", NULL },
        { "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(pairs); i++) {
        const char *near = pn_variable_near(str(pairs[i][0]));

        if (!near != !pairs[i][1] || (near && strcmp(near, pairs[i][1]) != 0))
            fail_msg("%s is near %s", pairs[i][0], near ? near : "nothing");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_what_the_programs_make_of_it),
        cmocka_unit_test(near_misses_are_of_names_that_do_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
