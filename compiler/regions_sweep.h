/* The areas of an ident. */
#ifndef PN_COMPILER_REGIONS_SWEEP_H
#define PN_COMPILER_REGIONS_SWEEP_H

#include "compiler/regions.h"

/* Makes the areas of the ident at hand. */
void
pn_regions_areas(struct pn_regions *r);

#endif
