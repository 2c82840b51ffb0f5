/* The names of a policy, over all its files, and what they come to. */
#ifndef PN_COMPILER_NAMES_H
#define PN_COMPILER_NAMES_H

#include "base/intern.h"
#include "base/work.h"
#include "compiler/lists.h"

enum { PN_NAME_DEPTH_MAX = 256 };

enum pn_definition_state { PN_NAME_NEW, PN_NAME_OPEN, PN_NAME_DONE };

struct pn_definition {
    const struct pn_node *node; /* SET or ENV, of a tree of the unit */
    uint32_t file;
    enum pn_definition_state state;
    bool used;                   /* an ENV was given to a rule */
    struct pn_elements elements; /* of a set that is done; */
    bool addresses;              /* that is all it has, */
    uint32_t holes;  /* and what they are as holes, when that is asked for */
    bool is_pierced; /* it was */
};

/*
 * All that names come to. Unit and space are the caller's and stand still as long as
 * this is used; nodes are of the unit's trees. What was gathered once is good for ever:
 * it can be asked for again, when there is nobody to be told, and comes to the same.
 */
struct pn_names {
    struct pn_unit *unit;
    struct pn_space *space;
    struct pn_intern intern;     /* number n is definition n */
    struct pn_definition *items; /* as many as the intern has names */
    size_t capacity;
    struct pn_hole_sets holes;
    struct pn_lists lists;
    uint32_t *list_holes; /* what lists are as holes, and 1; 0 where nobody asked */
    size_t list_hole_count, list_hole_capacity;
    struct pn_buffer scratch;
    unsigned depth;
    struct pn_work work; /* of sets by what names them */
    bool is_told;        /* that this was spent */
};

/*
 * Collects the definitions of all files; tells of those that are there twice.
 * names->lists.keep is set before, the rest is not.
 */
void
pn_names_collect(struct pn_names *names, struct pn_unit *unit, struct pn_space *space);

/* Resolves the sets that nothing used, so that what is wrong with them is told too. */
void
pn_names_finish(struct pn_names *names);

void
pn_names_clear(struct pn_names *names);

/* The definition of a name, if it is of this kind; else tells at the span. */
struct pn_definition *
pn_names_find(struct pn_names *names, uint32_t file, struct pn_str name,
              enum pn_node_kind kind, struct pn_span span);

/*
 * Takes steps, of which there are more where the policy has more text; false when they
 * are spent, which pn_names_each() tells at the target that it is at.
 */
bool
pn_names_take(struct pn_names *names, uint64_t steps);

/* Tells, once for a policy, when steps are spent at a node: the rest is not looked at.
 */
void
pn_names_tell_spent(struct pn_names *names, uint32_t file, const struct pn_node *node);

/*
 * May a target stand here? A diagnostic when not. It remembers nothing: what is known
 * of a target comes back with it.
 */
typedef enum pn_diag_id (*pn_accept_fn)(const struct pn_target *target);

/* What one target comes to, and what is known of it alone. */
struct pn_gathered {
    struct pn_elements elements; /* less what is taken out */
    struct pn_buffer ident;      /* the answer that it is for, if it has_ident */
    bool has_ident, is_default;
    const struct pn_definition *set; /* what it is, where large sets are shared; no
                                        elements then */
    uint32_t shared, own; /* what is to be taken out, where sets are shared: the parts
                             that are sets themselves, and the rest */
    bool good;            /* it is a target that may stand here; else that was told */
    bool addresses; /* it has nothing else: nothing can be taken out of hosts and * */
};

/* A target: a TARGET, a LIST, or a word at `token`. */
struct pn_target_at {
    uint32_t file;
    const struct pn_node *node; /* of a tree of the unit; NULL for a word by itself, */
    uint32_t token;             /* which stands there then */
    uint32_t holes;             /* what is taken out, in names->holes; 0 for nothing */
    bool share; /* large sets and what is taken out stand by themselves */
    uint32_t shared, own;
};

/* *out is begun anew, so that one does for many: all zero at first, cleared at last. */
void
pn_names_gather(struct pn_names *names, struct pn_target_at at, pn_accept_fn accept,
                struct pn_gathered *out);

void
pn_gathered_clear(struct pn_gathered *gathered);

/* Takes a target; `gathered` is the taker's until it returns. */
typedef void (*pn_gathered_fn)(void *payload, const struct pn_node *node,
                               const struct pn_gathered *gathered);

/* Where targets stand, who says which may, and who takes them. */
struct pn_place {
    uint32_t file;
    const struct pn_node *nodes; /* TARGET, LIST and at most one EXCEPT among others */
    pn_accept_fn accept;
    pn_gathered_fn take;
    void *payload;
    bool share; /* as in pn_target_at */
};

/*
 * The addresses of an EXCEPT in out->file, as holes: out->own and out->shared are their
 * numbers, and out->holes that of both where nothing is shared. For names.c alone.
 */
void
pn_names_pierce(struct pn_names *names, const struct pn_node *except,
                struct pn_target_at *out);

/* Takes each target of a place by itself, in order, less what its EXCEPT takes out. */
void
pn_names_each(struct pn_names *names, const struct pn_place *place);

#endif
