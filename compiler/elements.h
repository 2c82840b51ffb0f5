/* What a set or a rule's left side comes to: elements, with holes in them. */
#ifndef PN_COMPILER_ELEMENTS_H
#define PN_COMPILER_ELEMENTS_H

#include "base/work.h"
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

/* An address or a prefix of a list: there are millions of them. */
struct pn_listed {
    pn_number start;
    uint8_t length;
    bool exact; /* an address by itself */
} __attribute__((packed, aligned(1)));

/* The addresses of a list file, by family, in the order of its lines. */
struct pn_list_addresses {
    struct pn_listed4 {
        uint32_t start;
        uint8_t length;
        bool exact;
    } __attribute__((packed, aligned(2))) * v4;
    struct pn_listed *v6;
    size_t v4_count, v4_capacity, v6_count, v6_capacity;
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

/*
 * The sets of holes that elements name, of which number 0 is the empty one and not in
 * the list; and the lists.
 */
struct pn_hole_sets {
    struct pn_holes *items;
    size_t count, capacity;
    struct pn_list_addresses *lists; /* those of PN_TARGET_LIST, by `count` */
    size_t list_count, list_capacity;
    struct pn_intern known; /* small ones: number n is that of known_at[n] */
    uint32_t *known_at;
    size_t known_capacity;
    struct pn_intern pairs; /* whose unions were made */
    uint32_t *unions;       /* of each pair */
    size_t union_capacity;
    struct pn_work *work; /* which unions are taken of; NULL: it has no end */
};

/* Has an element addresses, from which something can be taken out? */
static inline bool
pn_element_has_addresses(const struct pn_element *element)
{
    return element->kind <= PN_TARGET_LIST;
}

/* The last address of one that has addresses, and is no list. */
pn_number
pn_element_last(const struct pn_element *element);

/* The first hole that ends at or behind an address; `count` when there is none. */
size_t
pn_hole_find(const struct pn_hole *holes, size_t count, pn_number address);

/* The holes of a number, also of 0. */
const struct pn_holes *
pn_hole_sets_get(const struct pn_hole_sets *sets, uint32_t number);

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

/* Is an address in a set of holes? */
bool
pn_holes_hold(const struct pn_hole_sets *sets, uint32_t number, uint8_t family,
              pn_number address);

/* Keeps finished holes, which are taken over; their number, 0 for none of them. */
uint32_t
pn_hole_sets_add(struct pn_hole_sets *sets, struct pn_space *space,
                 struct pn_holes *holes);

/* The number of the holes of either. */
uint32_t
pn_hole_sets_union(struct pn_hole_sets *sets, struct pn_space *space, uint32_t left,
                   uint32_t right);

/* Adds a line of a list. */
void
pn_list_add(struct pn_list_addresses *list, struct pn_space *space,
            const struct pn_target *target);

/* Keeps a list, which is taken over; the element that stands for it. */
struct pn_element
pn_hole_sets_add_list(struct pn_hole_sets *sets, struct pn_space *space,
                      struct pn_list_addresses *list);

void
pn_hole_sets_clear(struct pn_hole_sets *sets);

/* An element for a group's rule, less its holes, each part of it with the whole's rank.
 */
void
pn_element_emit(const struct pn_element *element, const struct pn_hole_sets *sets,
                struct pn_space *space, uint32_t group, uint32_t rule);

/* A prefix of a list that was made so, less more holes; its rule is what it is for. */
void
pn_prefix_emit(const struct pn_prefix *prefix, const struct pn_holes *holes,
               struct pn_space *space, uint32_t group, uint8_t family);

#endif
