/* What a rule says of sources whose programs end badly: penalties, or that it has none.
 */
#ifndef PN_COMPILER_PENALTIES_H
#define PN_COMPILER_PENALTIES_H

#include "compiler/terms.h"

/* A row as the image has it, by enum pn_native_penalty. */
struct pn_penalty {
    uint32_t columns[PN_PENALTY_COLUMNS];
};

/* What writes a penalty and what is said of others. */
enum { PN_PENALTY_SECONDS_MAX = 86400 };

/*
 * Reads the penalties of a rule, or that it is exempt, and reports errors in them.
 * Returns how many rows of `out` it has, ascending by status, without the row of terms
 * that they are of.
 */
size_t
pn_penalties_read(const struct pn_terms_place *place,
                  struct pn_penalty out[PN_PENALTIES_MAX]);

/* Reads a PENALTY node; false when an error in it was reported. */
bool
pn_penalty_read(const struct pn_terms_place *place, const struct pn_node *node,
                struct pn_penalty *out);

/* Is there a status that both are of? */
bool
pn_penalties_overlap(const struct pn_penalty *a, const struct pn_penalty *b);

/*
 * Is it true of a rule with these rows, ascending, that each status of `claimed` costs
 * so much? Of one with 0 seconds: that the rule has no rows.
 */
bool
pn_penalty_holds(const struct pn_penalty *claimed, const struct pn_penalty *rows,
                 size_t count);

/* The statuses of a PENALTY node, for those who compare nodes: false for no such. */
bool
pn_penalty_statuses(const struct pn_tree *tree, const struct pn_node *node,
                    uint32_t *out);

/* Is a row that of an exempt rule? */
static inline bool
pn_penalty_is_none(const struct pn_penalty *penalty)
{
    return !penalty->columns[PN_PENALTY_SECONDS];
}

#endif
