/* What a fix writes, as lines that are removed and lines that are added. */
#ifndef PN_TOOLS_RENDER_FINDINGS_FIX_H
#define PN_TOOLS_RENDER_FINDINGS_FIX_H

#include "tools/render/findings.h"

/* Shows the edits of a finding, if it has any: whole lines, red and green. */
void
pn_finding_fix_text(struct pn_output *out, const struct pn_findings *all,
                    const struct pn_finding *finding);

/* The same on one line: what each line becomes. For a finding that has edits. */
void
pn_finding_fix_words(struct pn_output *out, const struct pn_findings *all,
                     const struct pn_finding *finding);

#endif
