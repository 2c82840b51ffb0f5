/*
 * Shapes: a set that many rules name is expanded once, and each rule adds only what is
 * new.
 */
#ifndef PN_COMPILER_SHAPES_H
#define PN_COMPILER_SHAPES_H

#include "compiler/gather.h"

/*
 * A set or a target, less its holes. The first rule that names one adds it directly,
 * because most are named only once.
 */
struct pn_shape {
    uint32_t group, own;   /* the group of that rule, and its own holes */
    bool is_made;          /* later rules see the rest */
    struct pn_space space; /* of one group: PN_GROUP_NO_IDENT; its rules are 0 */
};

/* The parts, by number, that no rule of a group has as a whole. */
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
    struct pn_intern uses; /* shapes in groups, less a set: a repetition adds nothing */
    struct pn_intern taken; /* holes of targets */
};

/* The use of a shape: a target of a rule, and its destination. */
struct pn_shape_use {
    const struct pn_gathered *gathered;
    const struct pn_element *element; /* the target; NULL for all of its set */
    uint32_t group, rule;
};

/* Adds a target to names->space; steps are taken of names->work, which may be spent. */
void
pn_shapes_use(struct pn_shapes *shapes, struct pn_names *names,
              const struct pn_shape_use *use);

void
pn_shapes_clear(struct pn_shapes *shapes);

#endif
