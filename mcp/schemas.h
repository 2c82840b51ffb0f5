/* The schemas of docs/schema/, inside the program. */
#ifndef PN_MCP_SCHEMAS_H
#define PN_MCP_SCHEMAS_H

#include <stddef.h>

struct pn_schema {
    const char *name; /* "decision" */
    const unsigned char *text;
    size_t size;
};

/* Made by the build; a NULL name at the end. */
extern const struct pn_schema pn_schemas[];

#endif
