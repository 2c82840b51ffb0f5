/* Areas: addresses of one signature. */
#ifndef PN_COMPILER_REGIONS_AREAS_H
#define PN_COMPILER_REGIONS_AREAS_H

#include "compiler/regions.h"

enum { PN_AREA_SLOTS = 6 }; /* of each side, in the signature of an area */

/*
 * The slots of a side: a rule's class plus 1, or 0 for none. That of blocks is preceded
 * by their kind, an enum pn_area_block.
 */
enum pn_area_slot {
    PN_AREA_BLOCK_KIND,
    PN_AREA_BLOCK,
    PN_AREA_EXACT,
    PN_AREA_PREFIX,
    PN_AREA_IDENT_EXACT,
    PN_AREA_IDENT_PREFIX
};

enum pn_area_block { PN_AREA_OPEN, PN_AREA_BLOCK_PREFIX, PN_AREA_BLOCK_EXACT };

/* Adds an interval to the area of its signature, which may be a new one. */
void
pn_regions_area_add(struct pn_regions *r, const uint32_t *signature, size_t slots,
                    const struct pn_extent *extent);

/* The signature of an area, by side and enum pn_area_slot. */
static inline const uint32_t *
pn_regions_area_signature(const struct pn_regions *r, size_t area)
{
    return (const uint32_t *)(const void *)(r->area_signatures.bytes.bytes +
                                            pn_intern_offset(&r->area_signatures,
                                                             (uint32_t)area));
}

#endif
