/* The names of a policy, over all its files, and what they come to. */
#ifndef PN_COMPILER_NAMES_H
#define PN_COMPILER_NAMES_H

#include "base/intern.h"
#include "compiler/elements.h"
#include "compiler/unit.h"

enum { PN_NAME_DEPTH_MAX = 256 };

enum pn_definition_state { PN_NAME_NEW, PN_NAME_OPEN, PN_NAME_DONE };

struct pn_definition {
    const struct pn_node *node; /* SET or ENV */
    uint32_t file;
    enum pn_definition_state state;
    bool used;                   /* an ENV was given to a rule */
    struct pn_elements elements; /* of a set that is done */
};

/* A list that was read, and where it is named. */
struct pn_kept_list {
    char *path;
    struct pn_source source;
    const struct pn_node *node;
    uint32_t file;  /* that names it */
    size_t covered; /* lines that hold addresses */
};

struct pn_names {
    struct pn_unit *unit;
    struct pn_space *space;
    struct pn_intern intern;     /* number n is definition n */
    struct pn_definition *items; /* as many as the intern has names */
    size_t capacity;
    struct pn_hole_sets holes;
    struct pn_buffer scratch;
    unsigned depth;
    bool keep_lists; /* the texts of lists stay, for whoever looks at their lines */
    struct pn_kept_list *lists;
    size_t list_count, list_capacity;
};

/*
 * Collects the definitions of all files; tells of those that are there twice.
 * names->keep_lists is set before, the rest is not.
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

/* May a target stand here? A diagnostic when not. */
typedef enum pn_diag_id (*pn_accept_fn)(void *payload, const struct pn_target *target);

/* Where targets stand, and who says which may. */
struct pn_place {
    uint32_t file;
    const struct pn_node *nodes; /* TARGET, LIST and EXCEPT among others */
    pn_accept_fn accept;
    void *payload;
};

/* Adds what the targets of a place come to, with the holes that its EXCEPT makes. */
void
pn_names_gather(struct pn_names *names, const struct pn_place *place,
                struct pn_elements *out);

#endif
