/* A round of fixing: what is chosen, applied, proven and taken. */
#ifndef PN_TOOLS_FIX_ROUND_H
#define PN_TOOLS_FIX_ROUND_H

#include "tools/fixing.h"

/*
 * Guesses are proven by nothing. So a guess about a file that several operands are made
 * of is made where each of them would make it: edits by file, place and text, and how
 * many operands have one.
 */
struct pn_fix_agreed {
    struct pn_intern edits;
    uint32_t *counts;
    size_t capacity;
};

/* What one round works with. */
struct pn_fix_round {
    struct pn_fixing *fixing;
    struct pn_fix_operand *operand;     /* the one at hand */
    const struct pn_fix_agreed *agreed; /* NULL in a safe round */
    struct pn_drafts *drafts;
    struct pn_report report;
    struct pn_loaded_policy loaded;
    struct pn_diags diags;
    struct pn_source root;
    size_t *chosen; /* findings */
    size_t count, capacity;
};

/* The drafts with the first `take` chosen findings fixed; *used is how many were:
 * those whose edits touch another's are left for the next round. False when the system
 * fails; clear `out` in any case. */
bool
pn_fix_drafts_make(const struct pn_fix_round *r, size_t take, struct pn_drafts *out,
                   size_t *used);

/*
 * Takes as many of the chosen as can be proven together; or all guesses that bring in
 * no error. What is good not even alone is added to `refused`, and reported. False when
 * the system fails.
 */
bool
pn_fix_take_safe(struct pn_fix_round *r, struct pn_intern *refused);

bool
pn_fix_take_guesses(struct pn_fix_round *r, struct pn_intern *refused);

#endif
