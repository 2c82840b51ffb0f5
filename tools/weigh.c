/*
 * Most connections of a log are decided as before: they are told by deciding many at
 * once. Of the others, the region is looked for where the address is.
 */
#include "tools/weigh.h"

#include <stdlib.h>

#include "compiler/outcomes.h"
#include "tools/input/log_file.h"

/* A range of a region. In order, each knows the last address of all up to it. */
struct stretch {
    struct pn_extent extent;
    pn_number reach;
    uint32_t block;
};

struct weigher {
    struct pn_weighing *weighing;
    struct stretch *stretches;
    size_t count;
    struct pn_intern shared;
    struct pn_outcomes outcomes[2];
    enum postern_status status;
};

static int
compare(const void *left, const void *right)
{
    const struct stretch *a = left, *b = right;
    int order = pn_extent_compare(&a->extent, &b->extent);

    return order ? order : (a->block > b->block) - (a->block < b->block);
}

static bool
stretches_make(struct weigher *w, const struct pn_blocks *blocks)
{
    size_t count = 0;

    for (size_t i = 0; i < blocks->count; i++)
        count += blocks->items[i].extent_count;
    w->stretches = calloc(count + 1, sizeof(*w->stretches));
    if (!w->stretches)
        return false;
    for (uint32_t i = 0; i < blocks->count; i++)
        for (size_t k = 0; k < blocks->items[i].extent_count; k++)
            w->stretches[w->count++] =
                (struct stretch){ blocks->items[i].extents[k], 0, i };
    qsort(w->stretches, count, sizeof(*w->stretches), compare);
    for (size_t i = 0; i < count; i++) {
        const struct stretch *before = i ? &w->stretches[i - 1] : NULL;

        w->stretches[i].reach = w->stretches[i].extent.last;
        if (before && before->extent.family == w->stretches[i].extent.family &&
            before->reach > w->stretches[i].reach)
            w->stretches[i].reach = before->reach;
    }
    return true;
}

/* How many stretches begin at or below the address. */
static size_t
stretches_below(const struct weigher *w, unsigned family, pn_number at)
{
    size_t low = 0, high = w->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct pn_extent *e = &w->stretches[middle].extent;

        if (e->family < family || (e->family == family && e->first <= at))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Adds a connection to the region that it is in: there is one at most. */
static void
weigh_one(struct weigher *w, const struct postern_query *query)
{
    const struct pn_blocks *blocks = &w->weighing->changes->blocks;
    unsigned family = query->remote.family;
    pn_number at = pn_number_from(&query->remote);

    for (size_t i = stretches_below(w, family, at); i--;) {
        const struct stretch *s = &w->stretches[i];

        if (s->extent.family != family || s->reach < at)
            return;
        if (s->extent.last >= at &&
            pn_block_holds(blocks, &blocks->items[s->block], query)) {
            w->weighing->weights[s->block]++;
            return;
        }
    }
}

/* A pn_log_fn. */
static bool
weigh_some(void *payload, const struct postern_query *const *queries, size_t count)
{
    struct weigher *w = payload;
    struct postern_brief briefs[2][PN_IMAGE_MANY];

    w->weighing->connections += count;
    for (size_t i = 0; i < 2 && w->status == POSTERN_OK && !w->weighing->all_count; i++)
        w->status = pn_image_briefs(w->weighing->pair->files[i].rules, queries, count,
                                    briefs[i]);
    for (size_t i = 0; i < count && w->status == POSTERN_OK; i++)
        if (w->weighing->all_count ||
            pn_outcome_of(&w->outcomes[0], briefs[0][i].rule) !=
                pn_outcome_of(&w->outcomes[1], briefs[1][i].rule))
            weigh_one(w, queries[i]);
    if (w->outcomes[0].failed || w->outcomes[1].failed)
        w->status = POSTERN_E_NOMEM;
    return w->status == POSTERN_OK;
}

int
pn_weigh(struct pn_weighing *weighing, struct pn_tool *tool, const char *log)
{
    struct weigher w = { .weighing = weighing };
    int status = PN_EXIT_OK;

    for (size_t i = 0; i < 2; i++)
        w.outcomes[i] = (struct pn_outcomes){ .rules = weighing->pair->files[i].rules,
                                              .shared = &w.shared };
    if (stretches_make(&w, &weighing->changes->blocks))
        status = pn_log_read(tool, log, weigh_some, &w);
    else
        w.status = POSTERN_E_NOMEM;
    if (w.status != POSTERN_OK)
        status =
            pn_tool_failf(tool, PN_EXIT_SYSTEM, "%s", postern_status_text(w.status));
    for (size_t i = 0; i < 2; i++)
        pn_outcomes_clear(&w.outcomes[i]);
    pn_intern_clear(&w.shared);
    free(w.stretches);
    return status;
}
