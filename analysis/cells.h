/*
 * A part of the address space in cells of one size, and how many addresses of each kind
 * are in each of them, exactly.
 */
#ifndef PN_ANALYSIS_CELLS_H
#define PN_ANALYSIS_CELLS_H

#include "base/work.h"
#include "compiler/extents.h"

enum { PN_CELL_KINDS = 8 };

/* Addresses of one kind. Two of them have no address in common. */
struct pn_cell_part {
    struct pn_extent extent;
    uint8_t kind; /* below PN_CELL_KINDS */
};

/* 2^bits cells from `first` to `last`, which is a prefix. One cell is never all of a
 * family. */
struct pn_cells {
    pn_number first, last;
    uint8_t family;
    unsigned bits;
    const struct pn_intern *zeros; /* the pool of the patterns of parts */
    struct pn_work *work;          /* limits what it may take; NULL: no limit */
};

/* The addresses of a cell, less one. */
pn_number
pn_cells_mask(const struct pn_cells *cells);

/* Cells from first to last, each of which has so many addresses of each kind. */
struct pn_cell_run {
    uint64_t first, last;
    pn_number counts[PN_CELL_KINDS];
    pn_number size; /* how many there are to ask about: mapped ones are asked as IPv4 */
};

typedef void (*pn_cell_fn)(void *payload, const struct pn_cell_run *run);

/*
 * Gives all cells in their order, those that are next to each other and alike in one
 * run. It puts the parts into another order. A step is taken for each part of each run.
 * POSTERN_OK, or POSTERN_E_NOMEM, also when the work is spent.
 */
enum postern_status
pn_cells_walk(const struct pn_cells *cells, struct pn_cell_part *parts, size_t count,
              pn_cell_fn take, void *payload);

#endif
