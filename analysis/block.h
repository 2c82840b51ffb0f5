/*
 * The answer to "who is decided so": blocks of addresses x hosts x idents, each with
 * the class of the rules that decide it.
 */
#ifndef PN_ANALYSIS_BLOCK_H
#define PN_ANALYSIS_BLOCK_H

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
    struct pn_intern zeros; /* sets of zero patterns, which extents point into */
};

/* The class of regions that no block is made of. */
#define PN_CLASS_IGNORED UINT32_MAX

void
pn_blocks_clear(struct pn_blocks *blocks);

/* What a block alone holds; pn_blocks_clear() does it for all of them. */
void
pn_block_clear(struct pn_block *block);

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
