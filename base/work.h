/* Work that is bounded by its steps, where no input bounds it. */
#ifndef PN_BASE_WORK_H
#define PN_BASE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Some questions are products in themselves: hosts by idents, claims by rules. Who asks
 * one hands a struct pn_work to whoever does the work, and each turn of the loops that
 * multiply takes its steps before it goes on. When they are spent, the work ends in the
 * way in which it ends without memory, and the asker looks at `spent` before it tells
 * of that: it says that it is too much, and what would make it less
 * (pn_tool_too_much(), or PN_DIAG_TOO_MUCH where a text asks for it). Steps are
 * counted, and seconds are not, so that one question has one answer on every machine.
 *
 * One thread's; all zero: it counts, and has no end.
 */
struct pn_work {
    uint64_t done, limit; /* limit 0: none */
    bool spent;
};

/*
 * A step is a comparison of a few numbers, or a look into a table; what costs more
 * takes more of them. A command may take so many, which is a second or two, and some
 * more for each byte that it was given to read.
 */
#define PN_WORK_LIMIT ((uint64_t)1 << 26)

enum { PN_WORK_PER_BYTE = 16 };

static inline struct pn_work
pn_work_for(size_t size)
{
    return (struct pn_work){ .limit =
                                 PN_WORK_LIMIT + PN_WORK_PER_BYTE * (uint64_t)size };
}

/* Takes steps; false, now and ever after, when they are spent. NULL has no end. */
static inline bool
pn_work_take(struct pn_work *work, uint64_t steps)
{
    if (!work)
        return true;
    if (work->spent || (work->limit && steps > work->limit - work->done)) {
        work->spent = true;
        return false;
    }
    work->done += steps;
    return true;
}

#endif
