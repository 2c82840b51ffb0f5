/* Could a host or an ident still change what an address is answered? */
#ifndef PN_COMPILER_LOOKUPS_NEEDED_H
#define PN_COMPILER_LOOKUPS_NEEDED_H

#include "compiler/policy.h"

/* What the rules of a policy decide, as classes, and what hosts and idents can do. */
struct pn_lookups_needed {
    uint32_t *classes; /* of each rule */
    size_t count;
    /* joins of classes: of the blocks' hosts, exact hosts, suffixes and any host, and
       of the rules of idents that are not for addresses */
    uint32_t block_hosts, exact_hosts, wide_hosts, wide_idents;
};

/* False when out of memory; clear it in any case. */
bool
pn_lookups_needed_begin(struct pn_lookups_needed *lookups,
                        const struct pn_policy *policy);

void
pn_lookups_needed_clear(struct pn_lookups_needed *lookups);

/*
 * Marks the pieces of the group without ident with what may still change them, and cuts
 * them where that changes. A mark may be one too many, never one too few. Returns all
 * the marks there are; space->failed remembers a failed allocation.
 */
uint32_t
pn_lookups_needed_mark(const struct pn_lookups_needed *lookups, struct pn_space *space,
                       uint8_t family, struct pn_pieces *pieces);

#endif
