/* A sweep hands over every address once, with the prefixes that it lies in. */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "analysis/sweep.h"

enum { PREFIXES_MAX = 4, INTERVALS_MAX = 8 };

#define LAST UINT32_MAX

/* Prefixes of IPv4 in the order of a finished list, and what is left out. */
static const struct {
    const char *label;
    struct {
        uint32_t start;
        uint8_t length;
        bool exact;
    } prefixes[PREFIXES_MAX];
    size_t count;
    struct pn_interval covers[2];
    size_t cover_count;
    struct {
        uint32_t first, last;
        size_t depth;
        uint32_t by; /* the rule that decides: the number of its prefix; or NONE */
    } intervals[INTERVALS_MAX];
    size_t interval_count;
} sweeps[] = {
#define NONE PN_RULE_NONE
    { "nothing", { { 0 } }, 0, { { 0 } }, 0, { { 0, LAST, 0, NONE } }, 1 },
    { "one prefix",
      { { 0x0a000000, 8, false } },
      1,
      { { 0 } },
      0,
      { { 0, 0x09ffffff, 0, NONE },
        { 0x0a000000, 0x0affffff, 1, 0 },
        { 0x0b000000, LAST, 0, NONE } },
      3 },
    { "one in the other, at its end",
      { { 0xff000000, 8, false }, { 0xffffffff, 32, true } },
      2,
      { { 0 } },
      0,
      { { 0, 0xfeffffff, 0, NONE },
        { 0xff000000, 0xfffffffe, 1, 0 },
        { LAST, LAST, 2, 1 } },
      3 },
    { "everything, and its first address",
      { { 0, 0, false }, { 0, 32, true } },
      2,
      { { 0 } },
      0,
      { { 0, 0, 2, 1 }, { 1, LAST, 1, 0 } },
      2 },
    { "neighbours",
      { { 0, 1, false }, { 0x80000000, 1, false } },
      2,
      { { 0 } },
      0,
      { { 0, 0x7fffffff, 1, 0 }, { 0x80000000, LAST, 1, 1 } },
      2 },
    { "without a middle",
      { { 0, 0, false } },
      1,
      { { 10, 19 } },
      1,
      { { 0, 9, 1, 0 }, { 20, LAST, 1, 0 } },
      2 },
    { "without both ends",
      { { 0, 0, false } },
      1,
      { { 0, 9 }, { 20, LAST } },
      2,
      { { 10, 19, 1, 0 } },
      1 },
};

struct taking {
    size_t row, count;
};

static void
take(void *payload, const struct pn_sweep_interval *s)
{
    struct taking *t = payload;
    const struct pn_prefix *by = pn_sweep_interval_exact(s);
    uint32_t rule;

    if (!by)
        by = pn_sweep_interval_prefix(s, NULL, PN_RULE_NONE);
    rule = by ? by->rule : PN_RULE_NONE;
    if (t->count >= sweeps[t->row].interval_count ||
        s->first != sweeps[t->row].intervals[t->count].first ||
        s->last != sweeps[t->row].intervals[t->count].last ||
        s->depth != sweeps[t->row].intervals[t->count].depth ||
        rule != sweeps[t->row].intervals[t->count].by)
        fail_msg("%s: interval %zu is %u to %u, in %zu, by %u", sweeps[t->row].label,
                 t->count, (unsigned)s->first, (unsigned)s->last, s->depth, rule);
    t->count++;
}

static void
every_address_is_in_one_interval(void **state)
{
    (void)state;
    for (size_t i = 0; i < PN_COUNT_OF(sweeps); i++) {
        struct pn_prefix items[PREFIXES_MAX];
        struct pn_prefixes list = { .items = items, .count = sweeps[i].count };
        struct pn_interval covers[2] = { sweeps[i].covers[0], sweeps[i].covers[1] };
        struct pn_intervals cut = { covers, sweeps[i].cover_count, 2 };
        struct taking t = { .row = i };

        for (uint32_t k = 0; k < list.count; k++)
            items[k] = (struct pn_prefix){ .start = sweeps[i].prefixes[k].start,
                                           .rule = k,
                                           .length = sweeps[i].prefixes[k].length,
                                           .rank_length = sweeps[i].prefixes[k].length,
                                           .is_address = sweeps[i].prefixes[k].exact };
        assert_true(pn_sweep_open(&list, 4, &cut, take, &t));
        assert_int_equal(t.count, sweeps[i].interval_count);
        if (cut.count)
            continue;
        t.count = 0;
        assert_true(pn_sweep(&list, 4, take, &t));
        assert_int_equal(t.count, sweeps[i].interval_count);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_is_in_one_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
