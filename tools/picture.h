/* Squares of a Hilbert curve: neighbours on the line are neighbours in the picture. */
#ifndef PN_TOOLS_PICTURE_H
#define PN_TOOLS_PICTURE_H

#include "base/output.h"
#include "compiler/regions.h"

/* What a cell is painted with: the shares of its addresses. */
enum pn_paint {
    PN_PAINT_NONE, /* outside of what is asked about */
    PN_PAINT_DENY,
    PN_PAINT_ALLOW,
    PN_PAINT_LOSES,
    PN_PAINT_GAINS,
    PN_PAINT_OTHER,
    PN_PAINT_MIXED, /* more than one of them */
    PN_PAINT_COUNT
};

extern const char *const pn_paint_colors[]; /* "#rrggbb", by enum pn_paint */

struct pn_picture {
    pn_number first,
        last; /* the prefix that is shown: 2 to the power of an even number */
    uint8_t family;
    unsigned order; /* 2^order cells a side */
    uint8_t *cells; /* enum pn_paint, along the curve */
};

/* False without memory. */
bool
pn_picture_begin(struct pn_picture *picture);

void
pn_picture_clear(struct pn_picture *picture);

/*
 * Paints a range, or what of it is shown: the cells that have an address of it. `zeros`
 * is the pool that its set of zero groups is in.
 */
void
pn_picture_paint(struct pn_picture *picture, const struct pn_intern *zeros,
                 const struct pn_extent *extent, enum pn_paint paint);

/* Where cell number `at` along the curve is (Hilbert 1891; top left is the first). */
void
pn_picture_place(unsigned order, uint64_t at, unsigned *x, unsigned *y);

/* The cells as rows of the picture; to be freed, NULL without memory. */
uint8_t *
pn_picture_plane(const struct pn_picture *picture);

/* How the paints are called in a legend. */
extern const char *const pn_paint_names[];

void
pn_picture_svg(const struct pn_picture *picture, const char *title,
               struct pn_output *out);

/* False without memory. The title is not changed. */
bool
pn_picture_png(const struct pn_picture *picture, char *title, struct pn_output *out);

#endif
