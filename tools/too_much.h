/* What was too much of a policy, for a verb whose struct pn_work was spent. */
#ifndef PN_TOOLS_TOO_MUCH_H
#define PN_TOOLS_TOO_MUCH_H

#include "compiler/image_decode.h"
#include "tools/tool.h"

/* Adds what an image has to what the verb's work is for. */
void
pn_too_much_note(struct pn_tool *tool, const struct pn_decoded *decoded);

/* Tells it by pn_tool_too_much(): how much there is, and what would make it less. */
int
pn_too_much_tell(struct pn_tool *tool);

#endif
