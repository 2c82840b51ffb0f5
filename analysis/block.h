/*
 * The answer to "who is decided so": blocks of addresses x hosts x idents, each with
 * the class of the rules that decide it.
 */
#ifndef PN_ANALYSIS_BLOCK_H
#define PN_ANALYSIS_BLOCK_H

#include "compiler/regions.h"

/*
 * A set of hosts or idents, as patterns: of those that match a name, the longest says
 * whether it is in the set. The texts are numbers in pn_blocks.texts.
 */
struct pn_pattern {
    enum pn_candidate_kind kind; /* of an ident: ABSENT, EXACT, or OTHER for all else */
    uint32_t text;               /* without = or @; a suffix with its dot */
    bool inside;
};

struct pn_patterns {
    struct pn_pattern *items; /* OTHER first, then ABSENT; shorter before longer */
    size_t count, capacity;
    bool everything; /* all names, and no name; there are no items then */
};

struct pn_block {
    uint32_t class;
    struct pn_extent
        *extents; /* ascending, IPv4 first; all with the same set of zero patterns */
    size_t extent_count, extent_capacity;
    struct pn_patterns hosts, idents;
    /* the witness: one query of the block */
    struct postern_addr address;
    uint32_t host, ident; /* texts, or UINT32_MAX */
};

struct pn_blocks {
    struct pn_block *items;
    size_t count, capacity;
    struct pn_intern texts;
    struct pn_intern zeros; /* sets of zero patterns, which extents point into */
};

/* The class of regions that no block is made of. */
#define PN_CLASS_IGNORED UINT32_MAX

void
pn_blocks_clear(struct pn_blocks *blocks);

/* Frees what one block owns; pn_blocks_clear() does it for all. */
void
pn_block_clear(struct pn_block *block);

/* The number of addresses; 0 stands for 2^128, all of both families. */
pn_number
pn_block_size(const struct pn_blocks *blocks, const struct pn_block *block);

/*
 * Is a query in the block? Host and ident are compared byte by byte: lower case, no
 * final dot.
 */
bool
pn_block_holds(const struct pn_blocks *blocks, const struct pn_block *block,
               const struct postern_query *query);

/* The witness as a query; its texts live as long as the blocks. */
struct postern_query
pn_block_witness(const struct pn_blocks *blocks, const struct pn_block *block);

#endif
