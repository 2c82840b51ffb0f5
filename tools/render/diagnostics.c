/* The choice of format for diagnostics. */
#include "tools/render/diagnostics.h"

#include "tools/render/json.h"
#include "tools/render/text.h"

void
pn_render_diagnostics(struct pn_tool *tool, const struct pn_common *common,
                      const struct pn_diags *diags)
{
    if (!diags->total)
        return;
    if (common->format == PN_FORMAT_JSON)
        pn_json_findings(&tool->out, diags);
    else
        pn_render_text(&tool->err, diags,
                       pn_tool_color(tool, common, tool->err_is_terminal));
}
