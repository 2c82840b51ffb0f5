/* Areas and hosts by the steps on which they have rules: regions_cells.c says why. */
#ifndef PN_COMPILER_REGIONS_CELLS_H
#define PN_COMPILER_REGIONS_CELLS_H

#include "compiler/regions_ladder.h"

/* Areas, or candidates, by their shapes. */
struct pn_cell_shapes {
    struct pn_intern known;
    uint32_t *of;      /* the shape of each */
    uint32_t *members; /* in ascending order, shape by shape, */
    size_t *starts;    /* from here on; one more than there are shapes */
};

/* An area's shape and a host's: what decides, and which hosts are to be asked. */
struct pn_cell {
    struct pn_decider deciders[PN_REGION_SIDES];
    size_t first, count; /* in walk.hosts */
    bool skipped;        /* all sides answer as they do without ident */
    uint8_t differs; /* enum pn_cell_differs: where no side's decider is of the area */
    bool any;        /* some area of the shape does */
    uint32_t areas[2]; /* the first, and the first with another key */
    uint32_t area_count;
};

enum pn_cell_differs { PN_CELL_UNKNOWN, PN_CELL_ALIKE, PN_CELL_DIFFERS };

struct pn_walk {
    struct pn_regions *r;
    struct pn_cell_shapes areas, candidates;
    const uint32_t *
        *host_signatures;  /* by candidate; NULL for those that have a representative */
    struct pn_cell *cells; /* by area shape, host shape */
    size_t width;          /* host shapes */
    uint32_t *hosts;
    size_t host_count, host_capacity;
    uint8_t *wanted; /* by area, and host shape behind one another */
    enum postern_status status;
};

/* Of the ident at hand; false without memory. Clear it in any case. */
bool
pn_cells_make(struct pn_walk *walk);

void
pn_walk_clear(struct pn_walk *walk);

/* Is what a side decides there of this source? */
bool
pn_cell_is_of(const struct pn_walk *walk, const struct pn_cell *cell,
              enum pn_decider_source source);

/* Asks the runtime; false when that fails, or the work is spent. */
bool
pn_walk_ask(struct pn_walk *walk, size_t area, size_t candidate, struct pn_region *out);

#endif
