/* What many rules name comes to prefixes once, and each rule adds what is new of it. */
#ifndef PN_COMPILER_SHAPES_H
#define PN_COMPILER_SHAPES_H

#include "compiler/gather.h"

/*
 * A set or a target, less what other sets take out of it. The first rule that names one
 * adds it straight away, for most are named once.
 */
struct pn_shape {
    uint32_t group, own;   /* where that rule put it, and less what of its own */
    bool is_made;          /* the rest is for those behind it */
    struct pn_space space; /* of one group: PN_GROUP_NO_IDENT; its rules are 0 */
};

/* Those of its parts, by number, that no rule of a group has as a whole. */
struct pn_shape_left {
    uint32_t *parts[PN_FAMILIES];
    size_t counts[PN_FAMILIES];
    bool is_begun; /* else that is all of them */
};

struct pn_shapes {
    struct pn_intern keys;
    struct pn_shape *items;
    size_t count, capacity;
    struct pn_intern places; /* shapes in groups */
    struct pn_shape_left *lefts;
    size_t left_count, left_capacity;
    struct pn_intern uses; /* shapes in groups, less a set: one more says nothing new */
    struct pn_intern taken; /* what was taken out of targets */
};

/* What a target of a rule comes to, and where it goes. */
struct pn_shape_use {
    const struct pn_gathered *gathered;
    const struct pn_element *element; /* of it; NULL for all of its set */
    uint32_t group, rule;
};

/* Adds a target to names->space; steps are taken of names->work, which may be spent. */
void
pn_shapes_use(struct pn_shapes *shapes, struct pn_names *names,
              const struct pn_shape_use *use);

void
pn_shapes_clear(struct pn_shapes *shapes);

#endif
