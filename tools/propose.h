/* What `postern mcp` proposes: the smallest edits that fulfil a wish. */
#ifndef PN_TOOLS_PROPOSE_H
#define PN_TOOLS_PROPOSE_H

#include "tools/tool.h"

/* FILE --wish=CLAIMS, in JSON alone: no verb of the command line, but as one. */
extern const struct pn_verb pn_verb_propose;

#endif
