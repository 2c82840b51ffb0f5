/* server/ident: answers as the original reads them, whole and in pieces */
#include "tests/support/harness.h"

#include "server/ident.h"

static const struct {
    const char *label, *bytes;
    size_t size;
    enum srv_ident_state state;
    const char *text;
} answers[] = {
#define ROW(label, bytes, state, text)               \
    {                                                \
        label, bytes, sizeof(bytes) - 1, state, text \
    }
    ROW("as RFC 1413 has it", "6193, 23 : USERID : UNIX : stjohns\r\n", SRV_IDENT_DONE,
        "stjohns"),
    ROW("blanks go", "1,2:U:X: a b\tc \r\n", SRV_IDENT_DONE, "abc"),
    ROW("a colon stays", "1,2:U:X:a:b\n", SRV_IDENT_DONE, "a:b"),
    ROW("an error is an empty answer", "1,2:ERROR:NO-USER\r\n", SRV_IDENT_DONE, ""),
    ROW("no colon at all", "\n", SRV_IDENT_DONE, ""),
    ROW("the first line counts", "1:2:3:a\n1:2:3:b\n", SRV_IDENT_DONE, "a"),
    ROW("a NUL ends it", "1:2:3:a\0b\n", SRV_IDENT_DONE, "a"),
    ROW("no end of the line", "1:2:3:abc", SRV_IDENT_MORE, ""),
#undef ROW
};

static void
answers_are_read_as_the_original_reads_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(answers); i++)
        for (size_t piece = 1; piece <= answers[i].size; piece++) {
            enum srv_ident_state got = SRV_IDENT_MORE;
            struct srv_ident ident = { 0 };

            for (size_t at = 0; at < answers[i].size && got == SRV_IDENT_MORE;
                 at += piece) {
                size_t left = answers[i].size - at;

                got = srv_ident_feed(&ident, answers[i].bytes + at,
                                     left < piece ? left : piece);
            }
            if (got != answers[i].state ||
                (got == SRV_IDENT_DONE && strcmp(ident.text, answers[i].text) != 0))
                fail_msg("%s, %zu at a time: \"%s\"", answers[i].label, piece,
                         ident.text);
        }
}

static void
an_endless_answer_is_cut_and_an_endless_preface_given_up(void **state)
{
    struct srv_ident ident = { 0 };
    char bytes[SRV_IDENT_READ + 1];

    (void)state;
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(srv_ident_feed(&ident, "1:2:3:", 6), SRV_IDENT_MORE);
    assert_int_equal(srv_ident_feed(&ident, bytes, sizeof(bytes)), SRV_IDENT_DONE);
    assert_int_equal(strlen(ident.text), SRV_IDENT_SIZE);
    ident = (struct srv_ident){ 0 };
    assert_int_equal(srv_ident_feed(&ident, bytes, SRV_IDENT_READ), SRV_IDENT_MORE);
    assert_int_equal(srv_ident_feed(&ident, bytes, 1), SRV_IDENT_FAILED);
}

static void
the_query_names_the_remote_port_first(void **state)
{
    char text[32];

    (void)state;
    assert_int_equal(srv_ident_query(6193, 23, text, sizeof(text)), 11);
    assert_string_equal(text, "6193 , 23\r\n");
    assert_int_equal(srv_ident_query(6193, 23, text, 5), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_read_as_the_original_reads_them),
        cmocka_unit_test(an_endless_answer_is_cut_and_an_endless_preface_given_up),
        cmocka_unit_test(the_query_names_the_remote_port_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
