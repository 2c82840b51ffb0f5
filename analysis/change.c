/* Ranks of the blocks of a change, and the answers to their witnesses. */
#include "analysis/change.h"

#include <stdlib.h>

#include "base/memory.h"

enum postern_status
pn_change_make(const struct pn_changes *changes, size_t block,
               const struct pn_change_sides *sides, struct pn_change *out)
{
    enum postern_status status = POSTERN_OK;

    *out = (struct pn_change){ .block = &changes->blocks.items[block] };
    out->effect = pn_change_effect(changes, out->block);
    out->witness = pn_block_witness(&changes->blocks, out->block);
    for (size_t i = 0; i < 2 && status == POSTERN_OK; i++)
        status = sides->answer(sides->policies[i], &out->witness, &out->answers[i]);
    return status;
}

/* What qsort() compares. */
struct ranked {
    pn_number below; /* how many addresses, less one: it is never 2^128 */
    size_t block;
    unsigned effect;
};

static int
compare_ranked(const void *left, const void *right)
{
    static const unsigned ranks[] = {
        [PN_EFFECT_GAINS] = 0, [PN_EFFECT_LOSES] = 1, [PN_EFFECT_OTHER] = 2
    };
    const struct ranked *a = left, *b = right;

    if (a->effect != b->effect)
        return ranks[a->effect] < ranks[b->effect] ? -1 : 1;
    if (a->below != b->below)
        return a->below > b->below ? -1 : 1;
    return (a->block > b->block) - (a->block < b->block);
}

size_t *
pn_changes_order(const struct pn_changes *changes)
{
    const struct pn_blocks *blocks = &changes->blocks;
    struct ranked *ranked = pn_calloc(blocks->count + 1, sizeof(*ranked));
    size_t *order = pn_calloc(blocks->count + 1, sizeof(*order));

    for (size_t i = 0; ranked && order && i < blocks->count; i++)
        ranked[i] = (struct ranked){ pn_block_size(blocks, &blocks->items[i]) - 1, i,
                                     pn_change_effect(changes, &blocks->items[i]) };
    if (ranked && order)
        qsort(ranked, blocks->count, sizeof(*ranked), compare_ranked);
    for (size_t i = 0; ranked && order && i < blocks->count; i++)
        order[i] = ranked[i].block;
    if (!ranked) {
        pn_free(order);
        order = NULL;
    }
    pn_free(ranked);
    return order;
}
