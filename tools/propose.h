/* What `postern mcp` proposes: the smallest edits that fulfil a wish. */
#ifndef PN_TOOLS_PROPOSE_H
#define PN_TOOLS_PROPOSE_H

#include "tools/tool.h"

extern const struct pn_option_table pn_options_propose;

/* FILE --wish=CLAIMS, in JSON alone. Returns an enum pn_exit. */
int
pn_verb_propose(struct pn_tool *tool, int argc, char **argv);

#endif
