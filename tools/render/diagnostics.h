/* Diagnostics in the format that was asked for. */
#ifndef PN_TOOLS_RENDER_DIAGNOSTICS_H
#define PN_TOOLS_RENDER_DIAGNOSTICS_H

#include "base/diagnostic.h"
#include "base/output.h"
#include "tools/render/style.h"

enum pn_format { PN_FORMAT_TEXT, PN_FORMAT_JSON };

/* As text to `err`, or errors as JSON to `out`. Nothing when there are none. */
void
pn_render_diagnostics(struct pn_output *out, struct pn_output *err,
                      enum pn_format format, const struct pn_style *style,
                      const struct pn_diags *diags);

#endif
