/* Address rules of which the first that matches decides, as rules of ours. */
#ifndef PN_INTEROP_ORDERED_H
#define PN_INTEROP_ORDERED_H

#include "interop/import.h"

/* A rule of the other program, in its order. */
struct pn_ordered_rule {
    pn_number first, last;
    uint8_t family;
    bool allows;
    bool is_prefix; /* else a range */
    uint32_t file;
    size_t line;
};

struct pn_ordered {
    struct pn_ordered_rule *items;
    size_t count, capacity;
};

/* False without memory. */
bool
pn_ordered_add(struct pn_ordered *ordered, struct pn_ordered_rule rule);

/*
 * Writes the rules as statements: a prefix as it is, since of ours the longest decides,
 * and of a range what no earlier rule has. One that earlier ones hide is told of, and
 * not written.
 */
void
pn_ordered_write(const struct pn_ordered *ordered, struct pn_import *import);

void
pn_ordered_clear(struct pn_ordered *ordered);

#endif
