/* What the files that look for grants share. */
#ifndef PN_ANALYSIS_LINT_GRANTS_MAPS_H
#define PN_ANALYSIS_LINT_GRANTS_MAPS_H

#include "analysis/lint/grant_classes.h"

/* What stands at a ground: in the group that is looked at, and without ident. */
struct pn_grant_map {
    uint32_t group_exact, group_prefix, exact, prefix;
    struct pn_witness witness;
    bool is_representative; /* those before it have other gains */
};

struct pn_grant_maps {
    struct pn_intern keys;              /* of all, */
    struct pn_intern is_representative; /* and by gains */
    struct pn_grant_map *items;
    size_t capacity;
};

/* From `start` on, what those without ident have. */
struct pn_grant_start {
    pn_number start;
    unsigned zone;
    uint32_t exact, prefix;
};

struct pn_grant_starts {
    struct pn_grant_start *items; /* NULL: the family was not looked at yet */
    size_t count, capacity;
};

/* What a name or an ident gives: the worst that it does anywhere is told, so that is
 * looked for first. */
enum level { LEVEL_PRIVILEGED, LEVEL_MORE, LEVEL_OTHER, LEVELS };

struct pn_grants {
    struct pn_lint *lint;
    struct pn_host_rules none, own, blocks; /* of hosts: without ident, of the group, */
    uint32_t group;
    struct pn_grant_maps *maps;       /* of the group, which are its own */
    struct pn_grant_maps open, cut;   /* or those of all that have no addresses */
    struct pn_grant_starts starts[2]; /* by family; they are the same for every ident */
    size_t at;                        /* the start that the sweep has come to */
    uint8_t *reported;                /* of items: enum told */
    enum level level;                 /* what is looked for */
    struct pn_grant_classes classes;  /* of items: what can be more or less with them */
    struct pn_intern is_representative; /* grounds, by that */
    bool own_hosts; /* the ident has rules of hosts, or for everybody */
};

enum reported { REPORTED_GRANT = 1, REPORTED_EVADED = 2 };

/* Finds the grounds of the group at hand. */
void
pn_grants_maps_find(struct pn_grants *grants);

void
pn_grants_maps_clear(struct pn_grant_maps *maps);

#endif
