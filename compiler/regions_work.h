/* What the files that make regions share. */
#ifndef PN_COMPILER_REGIONS_WORK_H
#define PN_COMPILER_REGIONS_WORK_H

#include "compiler/regions.h"

enum {
    PN_AREA_SLOTS = 6, /* what the signature of an area holds of each side, */
    PN_HOST_SLOTS = 6, /* and that of a host, behind one slot for all sides */
    /* what these take of struct pn_work */
    PN_STEPS_INTERVAL = 4,
    PN_STEPS_NAME = 24,
    PN_STEPS_LABEL = 4,
    PN_STEPS_ASK = 12
};

/* By side, in a signature: a rule's class and 1, or 0 for none; of blocks of addresses
 * their kind before, which is one of enum pn_area_block. */
enum pn_area_slot {
    PN_AREA_BLOCK_KIND,
    PN_AREA_BLOCK,
    PN_AREA_EXACT,
    PN_AREA_PREFIX,
    PN_AREA_IDENT_EXACT,
    PN_AREA_IDENT_PREFIX
};

enum pn_area_block { PN_AREA_OPEN, PN_AREA_BLOCK_PREFIX, PN_AREA_BLOCK_EXACT };

enum pn_host_slot {
    PN_HOST_BLOCK,
    PN_HOST_BLOCK_SUFFIX,
    PN_HOST_NAMED,
    PN_HOST_BELOW,
    PN_HOST_IDENT_NAMED,
    PN_HOST_IDENT_BELOW
};

/* What a signature holds of a rule: its class and 1, or 0 for none. */
static inline uint32_t
pn_side_slot(const struct pn_side *side, uint32_t rule)
{
    return rule == PN_NATIVE_NONE ? 0 : pn_side_class(side, rule) + 1;
}

/* The rules of the ident at hand; NULL for none. */
static inline const struct pn_decoded_group *
pn_regions_group(const struct pn_regions *r, size_t side)
{
    return r->ident_text.ptr ? pn_decoded_ident(r->sides[side].decoded, r->ident_text)
                             : NULL;
}

/* Takes steps; when they are spent, it is as if memory were. */
static inline bool
pn_regions_take(struct pn_regions *r, uint64_t steps)
{
    if (!pn_work_take(r->work, steps))
        r->failed = true;
    return !r->failed;
}

/* Adds a stretch to the area of its signature, perhaps a new one. */
void
pn_regions_area_add(struct pn_regions *r, const uint32_t *signature, size_t slots,
                    const struct pn_extent *extent);

void
pn_regions_areas_clear(struct pn_regions *r);

/* The signature of an area, by side and enum pn_area_slot. */
static inline const uint32_t *
pn_regions_area_signature(const struct pn_regions *r, size_t area)
{
    return (const uint32_t *)(const void *)(r->signatures.bytes.bytes +
                                            pn_intern_offset(&r->signatures,
                                                             (uint32_t)area));
}

/* Works out what of the ident at hand is to be looked at. */
void
pn_regions_shape(struct pn_regions *r);

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

/* For who looks at all of many idents: what is without ident, in as few pieces as that
 * is said. */
void
pn_regions_bare_make(struct pn_regions *r);

void
pn_regions_blocks_clear(struct pn_regions *r);

/* Makes the areas of the ident at hand. */
void
pn_regions_areas(struct pn_regions *r);

/* Makes the candidates of the ident at hand, behind its areas. */
void
pn_regions_candidates(struct pn_regions *r);

#endif
