/* The layout of files that were in it before they were fixed. */
#ifndef PN_TOOLS_FIX_LAYOUT_H
#define PN_TOOLS_FIX_LAYOUT_H

#include "tools/input/drafts.h"

/* A file that was in the layout of `postern fmt` is in it again; others are left as
 * they are. False without memory. */
bool
pn_fix_layout(struct pn_drafts *drafts);

#endif
