/*
 * The exact answer to "who": addresses, hosts and idents that a class of rules decides,
 * as few blocks of addresses x hosts x idents.
 */
#ifndef PN_ANALYSIS_BLOCKS_H
#define PN_ANALYSIS_BLOCKS_H

#include "compiler/regions.h"

/*
 * A set of hosts or idents: of the patterns that match one, the longest decides whether
 * it is in the set. The texts are numbers in pn_blocks.texts.
 */
struct pn_pattern {
    enum pn_candidate_kind kind; /* an ident is ABSENT, EXACT, or OTHER for all else */
    uint32_t text;               /* without = or @; a suffix with its dot */
    bool inside;
};

struct pn_patterns {
    struct pn_pattern *items; /* OTHER first, then ABSENT; shorter before longer */
    size_t count, capacity;
    bool everything; /* every one, and none: there are no items */
};

struct pn_block {
    uint32_t class;
    struct pn_extent *extents; /* ascending, IPv4 first; of one set of zeros */
    size_t extent_count, extent_capacity;
    struct pn_patterns hosts, idents;
    /* one query of it */
    struct postern_addr address;
    uint32_t host, ident; /* texts, or UINT32_MAX */
};

struct pn_blocks {
    struct pn_block *items;
    size_t count, capacity;
    struct pn_intern texts;
    struct pn_intern zeros; /* what extents speak of */
    enum postern_status status;
};

/* A class of regions that is left out. */
#define PN_CLASS_IGNORED UINT32_MAX

/*
 * Goes through all regions, whose question the caller has put. The classes are those of
 * class_of_region; where there is none, of side 0's class_of.
 */
void
pn_blocks_collect(struct pn_blocks *out, struct pn_regions *regions);

void
pn_blocks_clear(struct pn_blocks *blocks);

/* What a block alone holds; pn_blocks_clear() does it for all of them. */
void
pn_block_clear(struct pn_block *block);

/* The range: "10.0.0.0/8", "192.0.2.4-192.0.2.9" or "192.0.2.1". */
void
pn_extent_write(struct pn_buffer *out, const struct pn_extent *extent);

/* What marks its addresses: " written fe80::...", or nothing where all are meant. */
void
pn_extent_write_zeros(struct pn_buffer *out, const struct pn_intern *zeros,
                      const struct pn_extent *extent);

/* How many addresses a block has; 0 stands for all of both families: 2^128. */
pn_number
pn_block_size(const struct pn_blocks *blocks, const struct pn_block *block);

/*
 * Is a query in the block? Host and ident are looked for as they are: lower case, no
 * final dot.
 */
bool
pn_block_holds(const struct pn_blocks *blocks, const struct pn_block *block,
               const struct postern_query *query);

/* The witness as a query; views live as long as the blocks. */
struct postern_query
pn_block_witness(const struct pn_blocks *blocks, const struct pn_block *block);

#endif
