/* The blocks of a change one by one: in the order of their weight, and with answers. */
#ifndef PN_ANALYSIS_CHANGE_H
#define PN_ANALYSIS_CHANGE_H

#include "analysis/answer.h"
#include "analysis/difference.h"

/* Who answers before and after: two policies of one type. */
struct pn_change_sides {
    pn_answer_fn answer;
    const void *policies[2];
};

/* A block with both answers to its witness. */
struct pn_change {
    const struct pn_block *block; /* of the changes */
    enum pn_effect effect;
    struct postern_query witness;
    struct pn_answer answers[2];
    uint64_t weight; /* connections of a log; 0 without one */
};

/* Fills all but the weight. */
enum postern_status
pn_change_make(const struct pn_changes *changes, size_t block,
               const struct pn_change_sides *sides, struct pn_change *out);

/* The numbers of the blocks: gains first, then losses, the largest first. To be freed;
 * NULL without memory. */
size_t *
pn_changes_order(const struct pn_changes *changes);

#endif
