/* Finds what a person is likely to have meant by a statement that cannot be parsed. */
#ifndef PN_GRAMMAR_MENDS_H
#define PN_GRAMMAR_MENDS_H

#include "grammar/fault.h"

/*
 * Tries small edits around a token of the extended dialect that fits nowhere, and
 * parses the statement with each. When exactly one of those that are as likely makes it
 * correct, it becomes the fix of *out, which is cleared otherwise; out->id is
 * PN_DIAG_NONE when the edit has no words of its own. The work is bounded.
 */
void
pn_mend_find(const struct pn_fault *fault, struct pn_habit *out);

#endif
