/* Address rules of which one decides by its place or its length, as rules of ours. */
#ifndef PN_INTEROP_ORDERED_H
#define PN_INTEROP_ORDERED_H

#include "compiler/interval.h"
#include "interop/import.h"

/* A rule of the other program, in its order. */
struct pn_ordered_rule {
    pn_number first, last;
    uint8_t family;
    bool allows;
    bool is_prefix; /* else a range */
    uint32_t file;
    size_t line;
    struct pn_str value; /* of `variable` below, in a file; or none */
};

/* Which of the rules that match decides. */
enum pn_order {
    PN_ORDER_FIRST,
    PN_ORDER_LAST,
    PN_ORDER_LONGEST, /* of two that are equal the last */
    PN_ORDER_LONGEST_FIRST
};

struct pn_ordered {
    struct pn_ordered_rule *items;
    size_t count, capacity;
    enum pn_order order;
    const char *variable; /* NULL: rules have no values */
};

/* False without memory. */
bool
pn_ordered_add(struct pn_ordered *ordered, struct pn_ordered_rule rule);

/*
 * Writes the rules as statements, in their order: a prefix as it is, since of ours the
 * longest decides, and of a range what no rule has that goes before. One that others
 * hide is told of, and not written.
 */
void
pn_ordered_write(const struct pn_ordered *ordered, struct pn_import *import);

/* Where rules decide: spans that ascend, IPv4 first, each with the index of its rule.
 */
struct pn_ordered_part {
    pn_number first, last;
    uint8_t family;
    uint32_t rule;
};

struct pn_ordered_parts {
    struct pn_ordered_part *items;
    size_t count, capacity;
};

/* False without memory; pn_free() the items in any case. */
bool
pn_ordered_cut(const struct pn_ordered *ordered, struct pn_ordered_parts *out);

void
pn_ordered_clear(struct pn_ordered *ordered);

#endif
