/* The clients that an import is asked of: on both sides of every bound. */
#ifndef PN_TOOLS_PROVE_CLIENTS_H
#define PN_TOOLS_PROVE_CLIENTS_H

#include "analysis/compiled.h"
#include "base/arena.h"
#include "base/str.h"

struct pn_prove_client {
    struct postern_addr addr;
    struct pn_str host; /* of no bytes: it has no name */
};

struct pn_prove_clients {
    struct pn_prove_client *items;
    size_t count, capacity;
    struct pn_arena *names;
};

/* Which clients are of use. */
struct pn_prove_wants {
    bool six;      /* of IPv6 too */
    bool names;    /* with names too */
    bool connects; /* only those that an address of a connection can be */
    bool slow;     /* each costs a connection: with names, only some */
};

/*
 * The first, the last and the middle address of every piece of the policy and of every
 * address, prefix and range in the text, and the neighbours of the ends; for each name
 * that the text has, that one and some near it. Ascending, none twice. False without
 * memory; clear *out in any case.
 */
bool
pn_prove_clients_make(struct pn_prove_clients *out, const struct pn_compiled *policy,
                      struct pn_str text, const struct pn_prove_wants *wants);

void
pn_prove_clients_clear(struct pn_prove_clients *clients);

#endif
