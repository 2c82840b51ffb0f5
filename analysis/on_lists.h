/* Which sets and targets of a policy have elements from a `file` list. */
#ifndef PN_ANALYSIS_ON_LISTS_H
#define PN_ANALYSIS_ON_LISTS_H

#include "compiler/names.h"

/* Unit and names are the caller's, and must outlive it. */
struct pn_on_lists {
    const struct pn_unit *unit;
    const struct pn_names *names;
    bool *sets; /* by definition: it has a list, directly or through another set */
};

/* False without memory; clear it in any case. */
bool
pn_on_lists_make(struct pn_on_lists *listed, const struct pn_unit *unit,
                 const struct pn_names *names);

void
pn_on_lists_clear(struct pn_on_lists *listed);

/* Is a node of a file a list, or the name of a set that has one? */
bool
pn_on_lists_is(const struct pn_on_lists *listed, uint32_t file,
               const struct pn_node *node);

/* Is one among these targets, or in an `except` of them? */
bool
pn_on_lists_among(const struct pn_on_lists *listed, uint32_t file,
                  const struct pn_node *nodes);

/* Is a list in any `except`? What that is taken from shrinks when the list grows. */
bool
pn_on_lists_is_taken_out(const struct pn_on_lists *listed);

#endif
