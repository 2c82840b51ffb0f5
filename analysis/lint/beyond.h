/* How far marked rules reach beyond networks, for clients without ident and name. */
#ifndef PN_ANALYSIS_LINT_BEYOND_H
#define PN_ANALYSIS_LINT_BEYOND_H

#include "analysis/lint/context.h"

/* Of one item: how many addresses it decides beyond the networks, and one of them. */
struct pn_reach {
    pn_number counts[2];       /* IPv4, IPv6 */
    struct pn_witness witness; /* a global one, if there is any */
    bool global;
};

/* Adds the trusted networks, and those that no client has an address of. False without
 * memory. */
bool
pn_networks_beyond(struct pn_address_set *set, const struct pn_lint *lint);

/*
 * What each item with a marked rule decides beyond the networks, a set that gets
 * finished: an array by item, to be given to free(). NULL without memory.
 */
struct pn_reach *
pn_reaches_find(const struct pn_lint *lint, const bool *marked,
                struct pn_address_set *networks);

#endif
