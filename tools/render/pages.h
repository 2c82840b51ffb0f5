/* The page of each finding and of each diagnostic, inside the program. */
#ifndef PN_TOOLS_RENDER_PAGES_H
#define PN_TOOLS_RENDER_PAGES_H

#include <stddef.h>

#include "base/output.h"
#include "base/str.h"

struct pn_page {
    const char *name; /* a code, or the slug of a diagnostic */
    const unsigned char *text;
    size_t size;
};

extern const struct pn_page pn_pages[]; /* a NULL name at the end */

/* The page of a code or slug; NULL when there is none. */
const struct pn_page *
pn_page_find(const char *name);

/*
 * Writes Markdown as a person reads it: paragraphs as wide as the terminal, 80 columns
 * at most and without one (0), examples further in,
 * and, when it is `styled`, bold and underlined by control sequences. It knows what the
 * pages use: headings, paragraphs, "- " items, fences, tables as they stand, `code`,
 * *emphasis* of a whole paragraph, **bold**, [links](of which the text stays).
 */
void
pn_page_write(struct pn_output *out, struct pn_str markdown, bool styled,
              size_t columns);

/*
 * Writes what mandoc(1) makes of a manual page, where "X, backspace, X" is bold and
 * "_, backspace, X" is underlined: in this way when it is `styled`, else plain.
 */
void
pn_manual_write(struct pn_output *out, struct pn_str text, bool styled);

#endif
