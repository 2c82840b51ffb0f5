/* Makes the mutants of a policy. */
#ifndef PN_ANALYSIS_MUTANTS_BUILD_H
#define PN_ANALYSIS_MUTANTS_BUILD_H

#include "analysis/mutants.h"
#include "compiler/unit.h"

/* All mutants of the rules, definitions and assertions of a unit. Clear it in any case.
 */
void
pn_mutants_make(struct pn_mutants *out, const struct pn_unit *unit);

#endif
