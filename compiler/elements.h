/* What a set or the left side of a rule stands for, element by element. */
#ifndef PN_COMPILER_ELEMENTS_H
#define PN_COMPILER_ELEMENTS_H

#include "compiler/literal.h"
#include "compiler/set_pool.h"
#include "compiler/space.h"

/* A target with its names interned, so that equal elements are equal bytes. */
struct pn_element {
    pn_number first, last;
    uint32_t host;     /* in space->names; PN_NAME_ANY for any host */
    uint32_t count;    /* of addresses or prefixes; of a PN_TARGET_LIST its number in
                          pn_set_pool.lists */
    uint32_t excluded; /* the number of an address set in a pool; 0: nothing */
    uint8_t kind;      /* enum pn_target_kind, but PN_TARGET_SET */
    uint8_t family, length;
};

struct pn_elements {
    struct pn_element *items;
    size_t count, capacity;
    bool failed; /* out of memory */
};

/* Has an element addresses, of which some can be excluded? */
static inline bool
pn_element_has_addresses(const struct pn_element *element)
{
    return element->kind <= PN_TARGET_LIST;
}

/* The last address of one that has addresses, and is no list. */
pn_number
pn_element_last(const struct pn_element *element);

void
pn_elements_add(struct pn_elements *list, const struct pn_element *element);

/* The element of a target that is no set. Its name goes into space->names. */
struct pn_element
pn_element_from(struct pn_space *space, const struct pn_target *target);

/* The element of a list, by its number in a pool. */
struct pn_element
pn_element_of_list(uint32_t number);

/* Sorts, and drops equals: a set is a set. */
void
pn_elements_finish(struct pn_elements *list);

/*
 * Adds the addresses of an element, less those that it excludes, to a set that is to be
 * finished then. False when it has none. Failures are remembered in the pool.
 */
bool
pn_element_collect(const struct pn_element *element, struct pn_set_pool *pool,
                   struct pn_address_set *out);

/*
 * Adds an element to a group of a space as the left side of a rule, less what it
 * excludes: each part of a prefix has the rank of the whole.
 */
void
pn_element_emit(const struct pn_element *element, const struct pn_set_pool *pool,
                struct pn_space *space, uint32_t group, uint32_t rule);

/* Adds a prefix, less some addresses; its rule is the one that it is added for. */
void
pn_prefix_emit(const struct pn_prefix *prefix, const struct pn_address_set *excluded,
               struct pn_space *space, uint32_t group, uint8_t family);

#endif
