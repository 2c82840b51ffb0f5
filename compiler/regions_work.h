/* What the files that make regions share. */
#ifndef PN_COMPILER_REGIONS_WORK_H
#define PN_COMPILER_REGIONS_WORK_H

#include "compiler/regions.h"

/* What a signature holds of a rule: its class and 1, or 0 for none. */
static inline uint32_t
pn_side_slot(const struct pn_side *side, uint32_t rule)
{
    return rule == PN_NATIVE_NONE ? 0 : pn_side_class(side, rule) + 1;
}

/* The rules of the ident at hand; NULL for none. */
static inline const struct pn_lifted_group *
pn_regions_group(const struct pn_regions *r, size_t side)
{
    return r->ident_text.ptr ? pn_lifted_ident(r->sides[side].lifted, r->ident_text)
                             : NULL;
}

/* Makes the candidates of the ident at hand. */
void
pn_regions_candidates(struct pn_regions *r);

#endif
