/* The bounds behind a list: file "path" at least N at most M. */
#ifndef PN_COMPILER_LIST_BOUNDS_H
#define PN_COMPILER_LIST_BOUNDS_H

#include "base/buffer.h"
#include "grammar/tree.h"

/* How many entries a list is to have. */
struct pn_list_bounds {
    bool has_least, has_most;
    size_t least, most;
};

/*
 * The bounds behind a LIST. False for what are none, such as a number that is too large
 * for any list, or a least that is more than the most.
 */
bool
pn_list_bounds_read(const struct pn_tree *tree, const struct pn_node *node,
                    struct pn_list_bounds *out);

/* Does a list that could be read have too few entries, or too many? */
bool
pn_list_bounds_break(const struct pn_list_bounds *bounds, size_t entries);

/* "3 entries, and at least 500 are wanted": for diagnostics. */
void
pn_list_bounds_tell(struct pn_buffer *out, const struct pn_list_bounds *bounds,
                    size_t entries);

#endif
