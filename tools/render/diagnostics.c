/* The choice of format for diagnostics. */
#include "tools/render/diagnostics.h"

#include "tools/render/json.h"
#include "tools/render/text.h"

void
pn_render_diagnostics(struct pn_output *out, struct pn_output *err,
                      enum pn_format format, const struct pn_style *style,
                      const struct pn_diags *diags)
{
    if (!diags->total)
        return;
    /* beside warnings there is an answer, and standard output is for that alone */
    if (format == PN_FORMAT_JSON && diags->errors)
        pn_json_findings(out, diags);
    else
        pn_render_text(err, diags, style);
    if (format != PN_FORMAT_JSON && diags->count && style->headed)
        pn_output_format(err, "\na page on each: postern explain %s\n",
                         pn_diag_info[diags->items[0].id].slug);
}
