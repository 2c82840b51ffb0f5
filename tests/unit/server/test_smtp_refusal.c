/* server/smtp_refusal: a dialogue, in any pieces */
#include "tests/support/harness.h"

#include "server/companions/smtp_refusal.h"

static void
what_changes_nothing_is_granted_and_all_else_refused(void **state)
{
    static const char in[] =
        "HELO x\r\nmail FROM:<a>\nRCPT TO:<b>\r\nnoop\r\r\n"
        "RSET\r\nxxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\nQuit now\r\nnoop\r\n";
    static const char want[] =
        "220 rblsmtpd.local\r\n250 rblsmtpd.local\r\n250 rblsmtpd.local\r\n451 no\r\n"
        "451 no\r\n250 rblsmtpd.local\r\n451 no\r\n451 no\r\n221 rblsmtpd.local\r\n";

    (void)state;
    for (size_t piece = 1; piece < sizeof(in); piece++) {
        struct pn_buffer replies = { .bytes = NULL };
        struct srv_smtp_refusal smtp;

        srv_smtp_refusal_begin(&smtp, "451 no\r\n", &replies);
        for (size_t at = 0; at < sizeof(in) - 1; at += piece) {
            size_t left = sizeof(in) - 1 - at;

            srv_smtp_refusal_feed(&smtp, in + at, left < piece ? left : piece);
        }
        assert_true(smtp.done);
        assert_int_equal(replies.size, sizeof(want) - 1);
        assert_memory_equal(replies.bytes, want, replies.size);
        pn_buffer_free(&replies);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_changes_nothing_is_granted_and_all_else_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
