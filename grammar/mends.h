/* Finds what a person is likely to have meant by a statement that cannot be parsed. */
#ifndef PN_GRAMMAR_MENDS_H
#define PN_GRAMMAR_MENDS_H

#include "base/source.h"
#include "grammar/fault.h"

enum pn_parse_trial { PN_TRIAL_GOOD, PN_TRIAL_WRONG, PN_TRIAL_MEMORY };

/*
 * Is a text of extended statements, without a header, free of syntax errors, as far as
 * the statement goes that holds the offset `upto`?
 */
typedef enum pn_parse_trial (*pn_trial_fn)(const struct pn_source *source,
                                           uint32_t upto);

/*
 * Tries small edits around a token of the extended dialect that fits nowhere, and
 * asks `trial` of the statement with each. When exactly one of those that are as likely
 * makes it correct, it becomes the fix of *out, which is cleared otherwise; out->id is
 * PN_DIAG_NONE when the edit has no words of its own. The work is bounded.
 */
void
pn_mend_find(const struct pn_fault *fault, pn_trial_fn trial, struct pn_habit *out);

#endif
