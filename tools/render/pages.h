/* The page of each finding, inside the program. */
#ifndef PN_TOOLS_RENDER_PAGES_H
#define PN_TOOLS_RENDER_PAGES_H

#include <stddef.h>

struct pn_page {
    const char *name; /* a code */
    const unsigned char *text;
    size_t size;
};

extern const struct pn_page pn_pages[]; /* a NULL name at the end */

/* The page of a code; NULL when there is none. */
const struct pn_page *
pn_page_find(const char *code);

#endif
