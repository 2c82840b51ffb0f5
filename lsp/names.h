/* Sets and groups of variables by their names, over all files of a policy. */
#ifndef PN_LSP_NAMES_H
#define PN_LSP_NAMES_H

#include "lsp/cursor.h"

/* Is a token a name, or has it one behind its "$"? The span is of the name alone. */
bool
pn_name_of_token(const struct pn_tree *tree, uint32_t token, struct pn_span *out);

/* The name at the cursor; false when there is none. */
bool
pn_name_at(const struct pn_cursor *cursor, struct pn_str *name, struct pn_span *span);

/* A place where a name stands: in a file of the unit of a root. */
struct pn_name_place {
    struct pn_lsp_root *root;
    uint32_t file;
    struct pn_span span;
    bool is_definition;
};

/* Takes a place; false ends it. */
typedef bool (*pn_name_fn)(void *payload, const struct pn_name_place *place);

/* Each place of a name in the files of a policy; a file that is included twice is one.
 */
void
pn_name_places(struct pn_lsp_root *root, struct pn_str name, pn_name_fn take,
               void *payload);

/* The definition of a name in a loaded policy; NULL when there is none. */
const struct pn_definition *
pn_name_definition(const struct pn_lsp_root *root, struct pn_str name);

/* A place of a span of a file of the unit. */
json_t *
pn_unit_location(struct pn_lsp *server, struct pn_lsp_root *root, uint32_t file,
                 struct pn_span span);

/* The URI of a path as the editor has it, else one that is made. */
json_t *
pn_lsp_uri(const struct pn_lsp *server, const char *path);

#endif
