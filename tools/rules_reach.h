/* Rules as what is true of every query, whatever keys they have. */
#ifndef PN_TOOLS_RULES_REACH_H
#define PN_TOOLS_RULES_REACH_H

#include "tools/rules_file.h"

/*
 * Lifts an open file. A classic file with keys that are looked up as text, and mean no
 * addresses, is compiled anew without the keys that no server asks for, which is told:
 * file->rules are others then. Returns an enum pn_exit; pn_lifted_clear() in any case.
 */
int
pn_rules_file_reach(struct pn_rules_file *file, struct pn_tool *tool,
                    struct pn_lifted *out);

#endif
