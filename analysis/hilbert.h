/* Hilbert's curve (1891): neighbours on a line are neighbours in a square. */
#ifndef PN_ANALYSIS_HILBERT_H
#define PN_ANALYSIS_HILBERT_H

#include <stdint.h>

/* Where cell number `at` is in a square of 2^order cells a side; the first one is at
 * the top left, the last one at the top right. */
void
pn_hilbert_place(unsigned order, uint64_t at, unsigned *x, unsigned *y);

/* A part of the square, in cells. */
struct pn_hilbert_box {
    unsigned x, y, width, height;
};

/*
 * The box of 2^bits cells from number `at` on, which is a multiple of 2^bits: a square,
 * or two of them side by side when bits are odd.
 */
struct pn_hilbert_box
pn_hilbert_box(unsigned order, uint64_t at, unsigned bits);

#endif
