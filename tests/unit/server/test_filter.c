/* server/filter: every way of cutting a stream gives what a byte at a time gives */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "server/companions/filter.h"

enum { LONGEST = 24 };

static const struct {
    const char *label;
    srv_filter_fn run;
} filters[] = {
    { "addcr", srv_filter_addcr },
    { "delcr", srv_filter_delcr },
    { "fixcr", srv_filter_fixcr },
    { "none", srv_filter_none },
};

/* Slow and plain, from the meaning. */
static size_t
expected(size_t filter, const char *in, size_t size, char *out)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        bool newline = in[i] == '\n', after_cr = i && in[i - 1] == '\r';

        if (newline && (filter == 0 || (filter == 2 && !after_cr)))
            out[used++] = '\r';
        if (filter == 1 && in[i] == '\r' && i + 1 < size && in[i + 1] == '\n')
            continue;
        out[used++] = in[i];
    }
    return used;
}

static void
pieces_do_not_matter(void **state)
{
    (void)state;
    srand(1);
    for (size_t turn = 0; turn < 60000; turn++) {
        size_t which = turn % PN_COUNT_OF(filters), size = (size_t)rand() % LONGEST;
        char in[LONGEST], want[LONGEST * 2], got[LONGEST * 2 + 64];
        struct srv_filter filter = { 0 };
        size_t wanted, used = 0;

        for (size_t i = 0; i < size; i++)
            in[i] = "\r\nab"[rand() % 4];
        wanted = expected(which, in, size, want);
        for (size_t at = 0, piece; at < size; at += piece) {
            piece = 1 + (size_t)rand() % (size - at);
            used += filters[which].run(&filter, in + at, piece, got + used);
        }
        used += srv_filter_end(&filter, got + used);
        if (used != wanted || memcmp(got, want, used) != 0)
            fail_msg("%s, turn %zu", filters[which].label, turn);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pieces_do_not_matter) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
