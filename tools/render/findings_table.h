/* A table of findings in Markdown, a row a code. */
#ifndef PN_TOOLS_RENDER_FINDINGS_TABLE_H
#define PN_TOOLS_RENDER_FINDINGS_TABLE_H

#include "tools/render/findings.h"

void
pn_findings_table(struct pn_output *out, const struct pn_findings *all);

#endif
