/*
 * Where two images differ, by ident: addresses and hosts. It is found by comparing
 * outcomes; a second pass by statements looks at these places alone.
 */
#ifndef PN_ANALYSIS_DIFFERENCE_WHERE_H
#define PN_ANALYSIS_DIFFERENCE_WHERE_H

#include "compiler/regions.h"

struct pn_ident_where {
    size_t ident;                /* 0: no ident; else its number plus 1 */
    struct pn_address_set where; /* addresses that differ, for some host */
    struct pn_intern hosts;      /* all that were asked: kind and pattern */
    struct pn_buffer
        differs; /* of each host, a byte: does it differ for some address? */
};

/* All zero is empty. */
struct pn_where {
    struct pn_ident_where *items; /* ascending; only idents that differ */
    size_t count, capacity;
    struct pn_intern tails; /* suffixes of the hosts that differ without ident */
    const struct pn_ident_where *at; /* of the current ident, and the addresses that */
    struct pn_address_set within;    /* are looked at with it */
    bool failed;
};

/* A pn_differing_fn; the payload is a struct pn_where. */
bool
pn_where_add(void *payload, const struct pn_regions *r,
             const struct pn_differing *differing);

/* A pn_ident_fn: looks at an ident where it differs itself, or where it is decided like
 * no ident and that differs. */
enum pn_ident_part
pn_where_ident(void *payload, struct pn_regions *r);

/* A pn_host_fn: may this candidate differ, with the current ident? */
bool
pn_where_host(void *payload, const struct pn_regions *r, size_t candidate);

void
pn_where_clear(struct pn_where *where);

#endif
