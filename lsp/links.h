/* Files that a document names. */
#ifndef PN_LSP_LINKS_H
#define PN_LSP_LINKS_H

#include "lsp/cursor.h"

/* Appends the path that an INCLUDE or a LIST of the file at an absolute path names, and
 * a NUL that is not counted; false when it is none. */
bool
pn_link_path(const struct pn_tree *tree, const char *path, const struct pn_node *node,
             struct pn_buffer *out);

#endif
