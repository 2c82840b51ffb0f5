/* The map of addresses for grants: which items are in charge, of an ident and without.
 * */
#ifndef PN_ANALYSIS_LINT_GRANTS_MAPS_H
#define PN_ANALYSIS_LINT_GRANTS_MAPS_H

#include "analysis/lint/grant_classes.h"

/* One kind of interval: the items of the current group, and those without ident. */
struct pn_grant_map {
    uint32_t group_exact, group_prefix, exact, prefix;
    struct pn_witness witness;
    bool is_representative; /* it is the first of its class */
};

struct pn_grant_maps {
    struct pn_intern keys;    /* of all kinds */
    struct pn_intern classes; /* of all classes */
    struct pn_grant_map *items;
    size_t capacity;
};

/* From `start` on these items of the rules without ident are in charge. */
struct pn_grant_start {
    pn_number start;
    unsigned zone;
    uint32_t exact, prefix;
};

struct pn_grant_starts {
    struct pn_grant_start *items; /* NULL: the family has not been swept yet */
    size_t count, capacity;
};

/* How bad a grant is. An item is reported once, at its worst, so the worst level comes
 * first. */
enum level { LEVEL_PRIVILEGED, LEVEL_MORE, LEVEL_OTHER, LEVELS };

struct pn_grants {
    struct pn_lint *lint;
    struct pn_host_rules none, own,
        blocks; /* rules of hosts: without ident, of the current group, of blocks */
    uint32_t group;
    struct pn_grant_maps
        *maps; /* the map of the current group: `cut` when it has addresses, */
    struct pn_grant_maps open, cut;   /* and `open`, which all others share */
    struct pn_grant_starts starts[2]; /* by family; they are the same for all idents */
    size_t at;                        /* the start that the sweep has reached */
    uint8_t *reported;                /* by item: enum reported */
    enum level level;                 /* the current level */
    struct pn_grant_classes classes;  /* of items */
    bool own_hosts;                   /* the group has rules of hosts, or a default */
};

enum reported { REPORTED_GRANT = 1, REPORTED_EVADED = 2 };

/* Finds the map of the current group. */
void
pn_grants_maps_find(struct pn_grants *grants);

void
pn_grants_maps_clear(struct pn_grant_maps *maps);

#endif
