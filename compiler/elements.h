/* What a set or a rule's left side comes to: elements, with holes in them. */
#ifndef PN_COMPILER_ELEMENTS_H
#define PN_COMPILER_ELEMENTS_H

#include "compiler/literal.h"
#include "compiler/space.h"

/* A target with its names interned, so that equal elements are equal bytes. */
struct pn_element {
    pn_number first, last;
    uint32_t host; /* in space->names; PN_NATIVE_NONE for any host */
    uint32_t count;
    uint32_t holes; /* in a struct pn_hole_sets; 0 for none */
    uint8_t kind;   /* enum pn_target_kind, but PN_TARGET_SET */
    uint8_t family, length;
};

struct pn_elements {
    struct pn_element *items;
    size_t count, capacity;
};

/* Addresses that are taken out, as ascending ranges that do not touch. */
struct pn_hole {
    pn_number first, last;
};

struct pn_holes {
    struct pn_hole *v4, *v6;
    size_t v4_count, v4_capacity, v6_count, v6_capacity;
};

/* The sets of holes that elements name; number 0 is the empty one and not in the list.
 */
struct pn_hole_sets {
    struct pn_holes *items;
    size_t count, capacity;
    uint32_t left, right, both; /* the union that was made last */
};

/* All of these remember a failed allocation in space->failed. */
void
pn_elements_add(struct pn_elements *list, struct pn_space *space,
                const struct pn_element *element);

/* An element as a target says it; not of a set. */
struct pn_element
pn_element_from(struct pn_space *space, const struct pn_target *target);

/* Sorts, and drops equals: a set is a set. */
void
pn_elements_finish(struct pn_elements *list);

/* Takes what is left of an element's addresses as holes; false when it has none. */
bool
pn_holes_add(struct pn_holes *holes, const struct pn_hole_sets *sets,
             struct pn_space *space, const struct pn_element *element);

void
pn_holes_finish(struct pn_holes *holes);

void
pn_holes_clear(struct pn_holes *holes);

/* Keeps finished holes, which are taken over; their number, 0 for none of them. */
uint32_t
pn_hole_sets_add(struct pn_hole_sets *sets, struct pn_space *space,
                 struct pn_holes *holes);

/* The number of the holes of either. */
uint32_t
pn_hole_sets_union(struct pn_hole_sets *sets, struct pn_space *space, uint32_t left,
                   uint32_t right);

void
pn_hole_sets_clear(struct pn_hole_sets *sets);

/* An element for a group's rule, less its holes, each part of it with the whole's rank.
 */
void
pn_element_emit(const struct pn_element *element, const struct pn_hole_sets *sets,
                struct pn_space *space, uint32_t group, uint32_t rule);

#endif
