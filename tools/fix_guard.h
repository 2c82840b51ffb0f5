/* What no fix may do, whether it is safe or a guess: bring in an error. */
#ifndef PN_TOOLS_FIX_GUARD_H
#define PN_TOOLS_FIX_GUARD_H

#include "tools/fixing.h"

/* The errors of a policy, by code and by what each is about, and its defaults. */
struct pn_blame {
    struct pn_intern errors; /* code and target */
    uint32_t *counts;        /* of each */
    size_t capacity;
    size_t by_check[PN_CHECK_NONE];
    size_t defaults; /* that are written */
};

/* Lints a policy with every check that is on by default, whichever are asked for. False
 * when the system fails, or the work is spent; clear it in any case. */
bool
pn_blame_find(struct pn_blame *blame, const struct pn_fix_operand *operand,
              struct pn_drafts *drafts, struct pn_work *work);

void
pn_blame_clear(struct pn_blame *blame);

/*
 * The error that a policy has after some fixes and had not before: a text, or NULL. A
 * fix that is proven to change no decision moves an error to another rule at most:
 * then there may be as many as there were.
 */
const char *
pn_blame_new(const struct pn_blame *before, const struct pn_blame *after, bool proven);

#endif
