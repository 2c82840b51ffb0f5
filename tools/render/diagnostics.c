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
    /* beside warnings there is an answer, and standard output is for that alone */
    if (common->format == PN_FORMAT_JSON && diags->errors)
        pn_json_findings(&tool->out, diags);
    else
        pn_render_text(&tool->err, diags,
                       pn_tool_color(tool, common, tool->err_is_terminal));
}
