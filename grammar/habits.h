/* Explains syntax errors by the habits, editors and pasted pages that cause them. */
#ifndef PN_GRAMMAR_HABITS_H
#define PN_GRAMMAR_HABITS_H

#include "grammar/fault.h"

/*
 * False when no habit is recognised; *out is cleared in any case, and the caller's to
 * be cleared. A failed allocation is remembered in its buffers.
 */
bool
pn_habit_of(const struct pn_fault *fault, enum pn_dialect dialect,
            struct pn_habit *out);

#endif
