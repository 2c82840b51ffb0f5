/* Quarter by quarter, from the smallest to the whole. */
#include "analysis/hilbert.h"

void
pn_hilbert_place(unsigned order, uint64_t at, unsigned *x, unsigned *y)
{
    *x = *y = 0;
    for (unsigned side = 1; side < 1u << order; side *= 2, at /= 4) {
        unsigned right = 1 & (unsigned)(at / 2), down = 1 & ((unsigned)at ^ right);

        if (!down) { /* the quarter is turned over */
            unsigned swap;

            if (right) {
                *x = side - 1 - *x;
                *y = side - 1 - *y;
            }
            swap = *x;
            *x = *y;
            *y = swap;
        }
        *x += side * right;
        *y += side * down;
    }
}

struct pn_hilbert_box
pn_hilbert_box(unsigned order, uint64_t at, unsigned bits)
{
    unsigned level = bits / 2, side = 1u << level, x, y, next_x, next_y;
    struct pn_hilbert_box box = { .width = side, .height = side };

    pn_hilbert_place(order - level, at >> 2 * level, &x, &y);
    if (bits % 2) {
        pn_hilbert_place(order - level, (at >> 2 * level) + 1, &next_x, &next_y);
        if (next_x != x)
            box.width *= 2;
        else
            box.height *= 2;
        x = next_x < x ? next_x : x;
        y = next_y < y ? next_y : y;
    }
    box.x = x * side;
    box.y = y * side;
    return box;
}
