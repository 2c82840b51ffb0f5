/* The gate --only: nothing outside of some targets may change. */
#ifndef PN_TOOLS_DIFF_ONLY_H
#define PN_TOOLS_DIFF_ONLY_H

#include "analysis/difference.h"
#include "tools/input/rules_pair.h"

/*
 * Reads targets as the rules of the old policy would have them, with its sets and
 * lists; idents and except too. PN_EXIT_FINDINGS, reported with a client, when the
 * answer to somebody outside of them changes; another enum pn_exit when it cannot be
 * said.
 */
int
pn_diff_only(struct pn_tool *tool, const struct pn_rules_pair *pair, const char *text,
             const struct pn_change_question *question);

#endif
