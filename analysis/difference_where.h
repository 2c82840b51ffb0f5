/*
 * Where two images differ, of each ident: the addresses, and the hosts. It is found by
 * outcomes, in few questions; who wants to know by which statements looks there alone.
 */
#ifndef PN_ANALYSIS_DIFFERENCE_WHERE_H
#define PN_ANALYSIS_DIFFERENCE_WHERE_H

#include "compiler/regions.h"

struct pn_ident_where {
    size_t ident;                /* 0: none; else its number, and 1 */
    struct pn_address_set where; /* addresses that differ, for some host */
    struct pn_intern hosts;      /* all that were asked with: a kind, and a pattern */
    struct pn_buffer differs;    /* of each, a byte: for some address */
};

/* All zero is empty. */
struct pn_where {
    struct pn_ident_where *items; /* ascending; only of those that differ */
    size_t count, capacity;
    struct pn_intern
        tails; /* of the hosts that differ without ident: what they end in */
    const struct pn_ident_where *at; /* of the ident that is looked at, and what is */
    struct pn_address_set within;    /* looked at */
    bool failed;
};

/* A pn_differing_fn; the payload is a struct pn_where. */
bool
pn_where_add(void *payload, const struct pn_regions *r,
             const struct pn_differing *differing);

/* A pn_ident_fn: looks at an ident where it differs, or none does that it follows. */
enum pn_ident_part
pn_where_ident(void *payload, struct pn_regions *r);

/* A pn_host_fn: may this candidate differ, with the ident at hand? */
bool
pn_where_host(void *payload, const struct pn_regions *r, size_t candidate);

void
pn_where_clear(struct pn_where *where);

#endif
