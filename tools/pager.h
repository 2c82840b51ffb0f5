/* Long texts on a terminal, a screen at a time. */
#ifndef PN_TOOLS_PAGER_H
#define PN_TOOLS_PAGER_H

#include "tools/tool.h"

/*
 * A text that a verb writes as its whole answer: to `out`, which gathers it and shows
 * control characters where a terminal will be reached.
 */
struct pn_paged {
    struct pn_output out;
    bool laid_out; /* for a person: else as it is kept, for a program */
    bool styled;   /* and with control sequences for bold */
};

void
pn_paged_begin(struct pn_paged *paged, const struct pn_tool *tool);

/*
 * Shows it and frees it. On a terminal that does more than print by the pager that the
 * environment names (PAGER, "less -FRX" without it; "" or "cat": none); one that cannot
 * be started is done without. Returns an enum pn_exit.
 */
int
pn_paged_end(struct pn_paged *paged, struct pn_tool *tool);

#endif
