/* Each cell beside brute force: all of its addresses, one by one. */
#include "tests/support/harness.h"

#include <stdlib.h>

#include "analysis/cells.h"
#include "tests/support/random.h"

enum { ROUNDS = 3000, BITS = 10, SPACE = 1 << BITS, PARTS_MAX = 24 };

/* Where a view of SPACE addresses begins: at both ends, and at the mapped ones. */
static const struct {
    uint8_t family;
    uint64_t upper, lower;
} views[] = {
    { 4, 0, 0 },
    { 4, 0, UINT32_C(0xffffffff) - (SPACE - 1) },
    { 4, 0, UINT32_C(0x0a000000) },
    { 6, 0, 0 },
    { 6, UINT64_C(0x20010db800000000), 0 },
    { 6, UINT64_MAX, UINT64_MAX - (SPACE - 1) },
    { 6, 0, UINT64_C(0x0000ffff00000000) },
    { 6, 0, UINT64_C(0x0000fffefffffc00) },
};

struct world {
    struct pn_cells cells;
    struct pn_cell_part parts[PARTS_MAX];
    size_t count;
    struct pn_intern zeros;
    uint64_t next; /* the first cell that was not taken yet */
};

static bool
is_of(const struct world *w, const struct pn_cell_part *part, pn_number address)
{
    struct pn_zeros set;

    if (part->extent.family != w->cells.family || address < part->extent.first ||
        address > part->extent.last)
        return false;
    if (!part->extent.zeros)
        return true;
    set = pn_zeros_kept(&w->zeros, part->extent.zeros);
    return pn_zeros_has(&set, pn_zeros_of(address));
}

static void
cell_check(const struct world *w, uint64_t cell, const struct pn_cell_run *run)
{
    pn_number mask = pn_cells_mask(&w->cells), counts[PN_CELL_KINDS] = { 0 }, size = 0;
    pn_number first = w->cells.first + cell * (mask + 1);

    for (pn_number i = 0; i <= mask; i++) {
        size += w->cells.family == 4 || !pn_number_is_mapped(first + i);
        for (size_t p = 0; p < w->count; p++)
            counts[w->parts[p].kind] += is_of(w, &w->parts[p], first + i);
    }
    assert_true(size == run->size);
    for (size_t k = 0; k < PN_CELL_KINDS; k++)
        if (counts[k] != run->counts[k])
            fail_msg("cell %llu: %llu of kind %zu, not %llu", (unsigned long long)cell,
                     (unsigned long long)run->counts[k], k,
                     (unsigned long long)counts[k]);
}

static void
run_check(void *payload, const struct pn_cell_run *run)
{
    struct world *w = payload;

    assert_true(run->first == w->next && run->last >= run->first);
    w->next = run->last + 1;
    for (uint64_t cell = run->first; cell <= run->last; cell++)
        cell_check(w, cell, run);
}

/* Parts one behind the other, with gaps; some reach out of the view, some share a range
 * with another one by their patterns, some are of the other family. */
static void
parts_draw(struct world *w, uint64_t *random)
{
    pn_number at = w->cells.first, last = w->cells.last;
    bool mapped = w->cells.family == 6 && last >= PN_MAPPED_FIRST &&
                  w->cells.first <= PN_MAPPED_LAST;

    while (w->count + 2 < PARTS_MAX && pn_test_pick(random, 12) && at <= last) {
        pn_number begin = at + pn_test_pick(random, 1 + SPACE / 16);
        pn_number size =
            1 + pn_test_pick(random, 1 + SPACE / (1 + pn_test_pick(random, 64)));
        struct pn_cell_part part = { .kind =
                                         (uint8_t)pn_test_pick(random, PN_CELL_KINDS) };
        struct pn_zeros all, some = { { 0 } };

        if (begin > last)
            break;
        size = size > last - begin ? last - begin + 1 : size;
        part.extent = (struct pn_extent){ begin, begin + size - 1, w->cells.family, 0 };
        at = begin + size;
        all = pn_zeros_within(part.extent.first, part.extent.last);
        for (unsigned p = 0; p < PN_ZERO_PATTERNS; p++)
            if (pn_zeros_has(&all, p) && pn_test_pick(random, 2))
                pn_zeros_add(&some, p);
        if (w->cells.family == 6 && !mapped && pn_test_pick(random, 3) == 0) {
            struct pn_zeros rest = pn_zeros_less(&all, &some);

            part.extent.zeros = pn_zeros_keep(&w->zeros, &rest);
            w->parts[w->count++] = part;
            part.kind = (uint8_t)pn_test_pick(random, PN_CELL_KINDS);
            part.extent.zeros = pn_zeros_keep(&w->zeros, &some);
        }
        w->parts[w->count++] = part;
        if (at == 0) /* behind the last address of all */
            break;
    }
    w->parts[w->count++] =
        (struct pn_cell_part){ { 0, 5, w->cells.family == 4 ? 6 : 4, 0 }, 0 };
    for (size_t i = w->count; i > 1; i--) { /* in any order */
        size_t other = pn_test_pick(random, (unsigned)i);
        struct pn_cell_part swap = w->parts[i - 1];

        w->parts[i - 1] = w->parts[other];
        w->parts[other] = swap;
    }
}

static void
counts_are_those_of_each_address(void **state)
{
    uint64_t random = 42;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t v = pn_test_pick(&random, PN_COUNT_OF(views));
        struct world w = { .cells = { .family = views[v].family } };
        struct pn_work work = { 0 };

        w.cells.first = (pn_number)views[v].upper << 64 | views[v].lower;
        w.cells.last = w.cells.first + (SPACE - 1);
        w.cells.bits = pn_test_pick(&random, BITS + 1);
        w.cells.zeros = &w.zeros;
        w.cells.work = &work;
        parts_draw(&w, &random);
        assert_int_equal(pn_cells_walk(&w.cells, w.parts, w.count, run_check, &w),
                         POSTERN_OK);
        assert_true(w.next == UINT64_C(1) << w.cells.bits);
        pn_intern_clear(&w.zeros);
    }
}

static void
work_that_is_spent_ends_it(void **state)
{
    struct world w = { .cells = { .last = SPACE - 1, .family = 4, .bits = BITS } };
    struct pn_work work = { .limit = 3 };

    (void)state;
    w.cells.zeros = &w.zeros;
    w.cells.work = &work;
    for (unsigned i = 0; i < PARTS_MAX; i++)
        w.parts[w.count++] = (struct pn_cell_part){ { 2 * i, 2 * i, 4, 0 }, 0 };
    assert_int_equal(pn_cells_walk(&w.cells, w.parts, w.count, run_check, &w),
                     POSTERN_E_NOMEM);
    assert_true(work.spent);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_each_address),
        cmocka_unit_test(work_that_is_spent_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
