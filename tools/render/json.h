/* Pieces of JSON. */
#ifndef PN_TOOLS_RENDER_JSON_H
#define PN_TOOLS_RENDER_JSON_H

#include "base/diagnostic.h"
#include "base/output.h"

/* A string with its quotes. A byte that is not UTF-8 stands as \udc80 to \udcff. */
void
pn_json_string(struct pn_output *output, const char *bytes, size_t size);

/* The findings document: {"schema": 1, "findings": [...], "summary": {...}}. */
void
pn_json_findings(struct pn_output *output, const struct pn_diags *diags);

#endif
