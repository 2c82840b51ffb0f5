/* Text inside of other languages. */
#ifndef PN_TOOLS_RENDER_ESCAPE_H
#define PN_TOOLS_RENDER_ESCAPE_H

#include "base/output.h"

/* For a workflow command of GitHub: what would end a property or a command, or begin
 * another, is escaped. */
void
pn_github_escape(struct pn_output *out, const char *text, bool property);

/* For a cell of a Markdown table: what would end it, or be read as markup. */
void
pn_markdown_escape(struct pn_output *out, const char *text);

/* The same as code, whatever it holds. */
void
pn_markdown_code(struct pn_output *out, const char *text);

#endif
