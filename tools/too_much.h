/* What was too much of a policy, for a verb whose struct pn_work was spent. */
#ifndef PN_TOOLS_TOO_MUCH_H
#define PN_TOOLS_TOO_MUCH_H

#include "compiler/lift.h"
#include "tools/tool.h"

/* How much of it there is: of one policy, or of those that are compared together. */
struct pn_too_much {
    const char *name; /* of the file */
    size_t ranges;    /* of addresses, that are told apart; 0: of no interest */
    size_t hosts, idents;
};

/* Adds what a policy has; the parts of it are the caller's. */
void
pn_too_much_add(struct pn_too_much *much, const struct pn_lifted *lifted);

/* Tells it by pn_tool_too_much(); `less` is what would make it less. */
int
pn_too_much_tell(struct pn_tool *tool, const struct pn_common *common,
                 const struct pn_too_much *much, const char *less);

#endif
