/* Which rule decides, as far as that follows from which rules there are. */
#ifndef PN_COMPILER_REGIONS_LADDER_H
#define PN_COMPILER_REGIONS_LADDER_H

#include "compiler/regions_areas.h"

enum { PN_HOST_SLOTS = 6 }; /* of each side, in the signature of a host */

/* The slots of a side, as of an area. */
enum pn_host_slot {
    PN_HOST_BLOCK,
    PN_HOST_BLOCK_SUFFIX,
    PN_HOST_NAMED,
    PN_HOST_BELOW,
    PN_HOST_IDENT_NAMED,
    PN_HOST_IDENT_BELOW
};

enum pn_decider_source { PN_OF_AREA, PN_OF_HOST, PN_OF_NONE };

/* What decides on a side: a slot of a signature, or the same for all. */
struct pn_decider {
    enum pn_decider_source source;
    uint8_t slot;
    bool by_ident;
};

/* For an area and a host (NULL: none), given what their signatures have of the side. */
struct pn_decider
pn_regions_decider(const struct pn_regions *r, size_t side, const uint32_t *area,
                   const uint32_t *host);

#endif
