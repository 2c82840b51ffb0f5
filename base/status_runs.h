/* Statuses that cost the same stand together, however a rule has divided them. */
#ifndef PN_BASE_STATUS_RUNS_H
#define PN_BASE_STATUS_RUNS_H

#include <stddef.h>
#include <stdint.h>

struct pn_status_run {
    uint32_t first, last, seconds;
};

/*
 * Of runs that ascend and do not overlap, those that touch and cost the same become
 * one: two lists are then equal where every status costs the same by both. Returns how
 * many are left.
 */
static inline size_t
pn_status_runs_join(struct pn_status_run *runs, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (kept && runs[kept - 1].last + 1 == runs[i].first &&
            runs[kept - 1].seconds == runs[i].seconds)
            runs[kept - 1].last = runs[i].last;
        else
            runs[kept++] = runs[i];
    return kept;
}

#endif
