/* The habits of the extended dialect, and those that both dialects know. */
#ifndef PN_GRAMMAR_HABITS_EXTENDED_H
#define PN_GRAMMAR_HABITS_EXTENDED_H

#include "grammar/fault.h"

bool
pn_habit_extended(const struct pn_fault *fault, struct pn_habit *out);

/* Text in quotes that a word processor or a page has made. */
bool
pn_habit_typographic(const struct pn_fault *fault, struct pn_habit *out);

#endif
