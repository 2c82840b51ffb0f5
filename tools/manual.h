/* The manual pages, as mandoc prints them, inside the program: help needs no man(1). */
#ifndef PN_TOOLS_MANUAL_H
#define PN_TOOLS_MANUAL_H

#include <stddef.h>

struct pn_manual {
    const char *name; /* "postern-check" */
    const unsigned char *text;
    size_t size;
};

/* Made from man/ by the build; ends with a row whose name is NULL. */
extern const struct pn_manual pn_manuals[];

#endif
