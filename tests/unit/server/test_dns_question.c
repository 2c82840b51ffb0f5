/* server/dns_question: what a question is, and what answers it */
#include "tests/support/harness.h"

#include "server/dns_question.h"

#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1
#define QUERY "\x12\x34\1\0\0\1\0\0\0\0\0\0"
#define NAME "\3Abc\7exAmple\0\0\x0c\0\1"
#define ANSWER "\x12\x34\x81\x80\0\1\0\0\0\0\0\0"

static void
a_question_ends_behind_its_class(void **state)
{
    (void)state;
    assert_int_equal(srv_dns_question_end(BYTES(QUERY NAME)), 29);
    assert_int_equal(srv_dns_question_end(BYTES(QUERY NAME "more")), 29);
    assert_int_equal(srv_dns_question_end(BYTES(QUERY "\0\0\x0c\0\1")), 17);
    for (size_t size = 0; size < 29; size++) /* cut off anywhere */
        assert_int_equal(srv_dns_question_end((const unsigned char *)QUERY NAME, size),
                         0);
    assert_int_equal(srv_dns_question_end(BYTES(QUERY "\xc0\x0c\0\x0c\0\1")), 0);
    assert_int_equal(srv_dns_question_end(BYTES("\x12\x34\1\0\0\2\0\0\0\0\0\0" NAME)),
                     0);
}

static void
letters_take_the_case_that_the_bits_say(void **state)
{
    unsigned char query[] = QUERY "\3Ab1\2c-\0\0\x0c\0\1";
    unsigned char none[32] = { 0 }, all[32];

    (void)state;
    memset(all, 0xff, sizeof(all));
    srv_dns_question_mix_case(query, sizeof(query) - 1, none);
    assert_memory_equal(query + 12, "\3AB1\2C-\0\0\x0c\0\1", 12);
    srv_dns_question_mix_case(query, sizeof(query) - 1, all);
    assert_memory_equal(query + 12, "\3ab1\2c-\0\0\x0c\0\1", 12);
    none[0] = 2; /* the first letter behind the length */
    srv_dns_question_mix_case(query, sizeof(query) - 1, none);
    assert_memory_equal(query + 12, "\3aB1\2C-\0\0\x0c\0\1", 12);
}

static void
an_answer_repeats_its_question(void **state)
{
    static const struct {
        const unsigned char *bytes;
        size_t size;
        bool exact, otherwise; /* is it one, letter by letter, and in any case? */
    } cases[] = {
        { BYTES(ANSWER NAME), true, true },
        { BYTES(ANSWER NAME "anything"), true, true },
        { BYTES(ANSWER "\3abc\7example\0\0\x0c\0\1"), false, true },
        { BYTES(ANSWER "\3Abc\7exAmplf\0\0\x0c\0\1"), false, false },
        { BYTES(ANSWER "\3Abc\7exAmple\0\0\x0d\0\1"), false, false },
        { BYTES(ANSWER "\3Abc\7exAmple\0\0\x0c\0\3"), false, false },
        { BYTES(ANSWER "\0\0\x0c\0\1"), false, false },
        { BYTES(QUERY NAME), false, false },
        { BYTES("\x12\x35\x81\x80\0\1\0\0\0\0\0\0" NAME), false, false },
        { BYTES("\x12\x34\xa9\x80\0\1\0\0\0\0\0\0" NAME), false, false },
        { BYTES(""), false, false },
    };

    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(cases); i++)
        for (int exact = 0; exact < 2; exact++)
            if (srv_dns_question_is_answered((const unsigned char *)QUERY NAME, 29,
                                             cases[i].bytes, cases[i].size, exact) !=
                (exact ? cases[i].exact : cases[i].otherwise))
                fail_msg("case %zu, exact %d", i, exact);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_ends_behind_its_class),
        cmocka_unit_test(letters_take_the_case_that_the_bits_say),
        cmocka_unit_test(an_answer_repeats_its_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
