/* What of an ident is to be looked at. */
#ifndef PN_COMPILER_REGIONS_SCOPE_H
#define PN_COMPILER_REGIONS_SCOPE_H

#include "compiler/regions.h"

/* Finds the scope of the ident at hand. */
void
pn_regions_find_scope(struct pn_regions *r);

/*
 * Copies of what all sides have without ident, in as few pieces as possible: for the
 * walk that looks at many idents and at all of each.
 */
void
pn_regions_bare_make(struct pn_regions *r);

#endif
