/* Diagnostics as a person reads them. */
#ifndef PN_TOOLS_RENDER_TEXT_H
#define PN_TOOLS_RENDER_TEXT_H

#include "base/diagnostic.h"
#include "base/output.h"
#include "tools/render/snippet.h"

/*
 * Each diagnostic in four or five lines: place and message, the source line, a caret
 * line under the span, help. Then how many more there are. Bytes that a terminal would
 * obey are shown as escapes; long lines are cut around the span.
 */
void
pn_render_text(struct pn_output *output, const struct pn_diags *diags,
               const struct pn_style *style);

#endif
