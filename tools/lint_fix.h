/* Fixes of findings, applied: in rounds, and proven to change no decision. */
#ifndef PN_TOOLS_LINT_FIX_H
#define PN_TOOLS_LINT_FIX_H

#include "tools/fixing.h"

/* Why a policy is too much to be linted, and what would make it less. */
extern const char pn_lint_too_much[];

/*
 * Applies all that can be to drafts of the operands and what they include; nothing is
 * written. Returns an enum pn_exit.
 */
int
pn_fix_run(struct pn_fixing *fixing, struct pn_drafts *drafts);

#endif
