/* Where diagnostics go, in the format that was asked for. */
#ifndef PN_TOOLS_RENDER_DIAGNOSTICS_H
#define PN_TOOLS_RENDER_DIAGNOSTICS_H

#include "base/diagnostic.h"
#include "tools/tool.h"

/* As text on standard error, or as JSON on standard output. Nothing when there are
 * none. */
void
pn_render_diagnostics(struct pn_tool *tool, const struct pn_common *common,
                      const struct pn_diags *diags);

#endif
