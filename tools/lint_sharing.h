/* Fixes of files that other policies may include: they are safe where all are at hand.
 */
#ifndef PN_TOOLS_LINT_SHARING_H
#define PN_TOOLS_LINT_SHARING_H

#include "tools/fixing.h"

/* A finding with an edit of a file that its operand includes, by that file's key. */
struct pn_shared_edit {
    size_t finding; /* in the report, until that is sorted */
    uint32_t key;
};

/* All zero is none. Owns all of it. */
struct pn_sharing {
    struct pn_shared_edit *items;
    size_t count, capacity;
    struct pn_intern keys;
};

/* Notes which findings of an operand, from `first` on, edit what it includes. */
bool
pn_sharing_note(struct pn_sharing *sharing, const struct pn_report *report,
                const struct pn_unit *unit, size_t first);

/*
 * Calls none of them safe that --fix would not make, now that all operands are known:
 * those of the fixing, which are filled.
 */
void
pn_sharing_finish(const struct pn_sharing *sharing, struct pn_report *report,
                  const struct pn_fixing *fixing);

void
pn_sharing_clear(struct pn_sharing *sharing);

#endif
