/* Limits on work that the size of the input does not bound. */
#ifndef PN_BASE_WORK_H
#define PN_BASE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/*
 * Some questions cost a product: hosts by idents, assertions by rules. Their loops take
 * steps from a struct pn_work of the caller. When the steps are spent, the work ends as
 * it does without memory, and the caller looks at `spent` to tell the two apart: then
 * it reports that the question is too large, and what would make it smaller
 * (pn_tool_too_much(), or PN_DIAG_TOO_MUCH for a text). Counting steps instead of
 * seconds gives every question the same answer on every machine. For one thread; a
 * zeroed struct counts without a limit.
 */
struct pn_work {
    uint64_t done, limit; /* limit 0: none */
    bool spent;
};

/*
 * A step is a comparison of a few numbers or a look-up in a table; more expensive
 * operations take several. A command may take so many, which is a second or two, and
 * some more for each byte of its input.
 */
#define PN_WORK_LIMIT ((uint64_t)1 << 26)

enum {
    PN_WORK_PER_BYTE = 16,
    PN_WORK_POLL_BITS = 14 /* each so many steps it is asked whether to go on */
};

static inline struct pn_work
pn_work_for(size_t size)
{
    return (struct pn_work){ .limit =
                                 PN_WORK_LIMIT + PN_WORK_PER_BYTE * (uint64_t)size };
}

/* Takes steps; false, now and ever after, when they are spent. NULL has no limit. */
static inline bool
pn_work_take(struct pn_work *work, uint64_t steps)
{
    if (!work)
        return true;
    if (work->spent || (work->limit && steps > work->limit - work->done)) {
        work->spent = true;
        return false;
    }
    if ((work->done ^ (work->done + steps)) >> PN_WORK_POLL_BITS &&
        !pn_budget_goes_on()) {
        work->spent = true;
        return false;
    }
    work->done += steps;
    return true;
}

#endif
