/*
 * A picture of cells, with frames, marks and texts over and around it: what is drawn,
 * for both formats. Lengths are pixels, places are from the top left.
 */
#ifndef PN_TOOLS_PICTURE_H
#define PN_TOOLS_PICTURE_H

#include "analysis/hilbert.h"
#include "base/output.h"

enum { PN_SHARES = 9, PN_NAMED = 4, PN_TINTS = 3 };

/* What a cell, or a box of the legend, is painted with. */
enum pn_paint {
    PN_PAINT_PAPER, /* there is nothing to show */
    PN_PAINT_SHARE, /* PN_SHARES of them: how much is denied */
    PN_PAINT_NAMED = PN_PAINT_SHARE + PN_SHARES, /* PN_NAMED: with a variable */
    PN_PAINT_SAME = PN_PAINT_NAMED + PN_NAMED,   /* nothing changes */
    PN_PAINT_LOSES,                              /* PN_TINTS of each effect: how */
    PN_PAINT_GAINS = PN_PAINT_LOSES + PN_TINTS,  /* much of the cell it is */
    PN_PAINT_OTHER = PN_PAINT_GAINS + PN_TINTS,
    PN_PAINT_SEVERAL = PN_PAINT_OTHER + PN_TINTS, /* more than one of them */
    PN_PAINT_DARK,                                /* texts and frames, */
    PN_PAINT_FAINT,                               /* less of them, */
    PN_PAINT_WHITE,                               /* and on dark ground */
    PN_PAINT_COUNT
};

/* Colour is never alone: what two people could take for one another has a pattern. */
enum pn_hatch {
    PN_HATCH_NONE,
    PN_HATCH_RISING, /* lines, from the lower left to the upper right */
    PN_HATCH_FALLING,
    PN_HATCH_DOTS,
    PN_HATCH_LEVEL,
    PN_HATCH_COUNT
};

enum { PN_HATCH_SIZE = 8 }; /* of the square that is repeated */

/* Is this pixel of it one of the pattern's? */
bool
pn_hatch_has(enum pn_hatch hatch, unsigned x, unsigned y);

struct pn_paint_look {
    char color[8]; /* "#rrggbb" */
    enum pn_hatch hatch;
    char ink[8]; /* of the pattern */
};

extern const struct pn_paint_look pn_paint_looks[]; /* by enum pn_paint */

/* Is it dark, so that what is written on it has to be light? */
bool
pn_paint_is_dark(enum pn_paint paint);

enum pn_item_kind {
    PN_ITEM_BOX,   /* filled with a paint, in a thin frame */
    PN_ITEM_FRAME, /* a line inside of it, dark in light */
    PN_ITEM_SHADE, /* a line of the grid: what is below is darkened */
    PN_ITEM_TEXT   /* one line; width and height are the room that it takes */
};

struct pn_item {
    enum pn_item_kind kind;
    unsigned x, y, width, height;
    enum pn_paint paint;
    unsigned scale;    /* of a text: its letters are 6 * scale wide, 9 * scale high */
    bool halo;         /* of a text: in light */
    size_t text, size; /* where it stands in texts */
};

/* A part of the cells, and what is told when somebody points at it. */
struct pn_hover {
    size_t first, count; /* in boxes */
    size_t text, size;
};

/* All zero is empty; clear it in any case. */
struct pn_picture {
    unsigned width, height;
    unsigned left, top; /* where the cells are */
    unsigned order;     /* 2^order cells a side, */
    unsigned cell;      /* each so wide */
    uint8_t *cells;     /* enum pn_paint, in rows */
    struct pn_item *items;
    size_t item_count, item_capacity;
    struct pn_hover *hovers;
    size_t hover_count, hover_capacity;
    struct pn_hilbert_box *boxes; /* in cells */
    size_t box_count, box_capacity;
    struct pn_buffer texts; /* of all of it */
    struct pn_buffer title; /* what a program says that shows the picture */
    bool failed;            /* out of memory */
};

/* False without memory. */
bool
pn_picture_begin(struct pn_picture *picture, unsigned order, unsigned cell);

void
pn_picture_clear(struct pn_picture *picture);

/* Cell number `at` along the curve. */
void
pn_picture_set(struct pn_picture *picture, uint64_t at, enum pn_paint paint);

/* Failures of these are remembered. */
void
pn_picture_item(struct pn_picture *picture, const struct pn_item *item);

/* A text whose upper left corner is there; its size is counted here. */
void
pn_picture_text(struct pn_picture *picture, const struct pn_item *where,
                struct pn_str text);

/* How wide and how high a text is in pixels. */
unsigned
pn_text_width(struct pn_str text, unsigned scale);

enum { PN_LETTER_WIDTH = 6, PN_LETTER_HEIGHT = 9, PN_LETTER_BASE = 7 };

/*
 * The bitmap of a letter: row `y` from the top, from the right bit 0 to bit 4. What is
 * no printable ASCII is a box.
 */
unsigned
pn_letter_row(unsigned char letter, unsigned y);

void
pn_picture_svg(const struct pn_picture *picture, struct pn_output *out);

/* False without memory. */
bool
pn_picture_png(const struct pn_picture *picture, struct pn_output *out);

#endif
