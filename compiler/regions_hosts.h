/* The candidates of an ident. */
#ifndef PN_COMPILER_REGIONS_HOSTS_H
#define PN_COMPILER_REGIONS_HOSTS_H

#include "compiler/regions.h"

/* Makes the candidates of the ident at hand, once its scope is known and its areas are
 * made. */
void
pn_regions_candidates(struct pn_regions *r);

#endif
