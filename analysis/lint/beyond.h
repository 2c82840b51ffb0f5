/* How far marked rules reach beyond networks, for clients without ident and name. */
#ifndef PN_ANALYSIS_LINT_BEYOND_H
#define PN_ANALYSIS_LINT_BEYOND_H

#include "analysis/lint/context.h"

/* Of an item: the addresses that it decides beyond the networks, and one of them. */
struct pn_reach {
    pn_number counts[2];       /* IPv4, IPv6 */
    struct pn_witness witness; /* a global one, if there is any */
    bool global;
};

/* Networks in any order, which may overlap; ours. */
struct pn_network_list {
    struct pn_network *items;
    size_t count, capacity;
};

/* False without memory. */
bool
pn_network_list_add(struct pn_network_list *list, struct pn_network network);

/* The trusted ones, and those that no client has an address of. */
bool
pn_network_list_begin(struct pn_network_list *list, const struct pn_lint *lint);

void
pn_network_list_clear(struct pn_network_list *list);

/*
 * What each item with a marked rule decides beyond the networks, which get sorted:
 * an item an item, to be given to free(). NULL without memory.
 */
struct pn_reach *
pn_reaches_find(const struct pn_lint *lint, const bool *marked,
                struct pn_network_list *beyond);

#endif
