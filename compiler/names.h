/* The names of a policy, over all its files, and what they come to. */
#ifndef PN_COMPILER_NAMES_H
#define PN_COMPILER_NAMES_H

#include "base/intern.h"
#include "base/work.h"
#include "compiler/lists.h"

enum { PN_NAME_DEPTH_MAX = 256, PN_NAMES_BROKEN_MAX = 32 };

enum pn_definition_state { PN_NAME_NEW, PN_NAME_OPEN, PN_NAME_DONE };

struct pn_definition {
    const struct pn_node *node; /* SET or ENV, of a tree of the unit */
    uint32_t file;
    enum pn_definition_state state;
    bool used;                   /* an ENV was given to a rule */
    struct pn_elements elements; /* of a set that is done; */
    bool addresses;              /* that is all it has, */
    bool has_address_set;        /* it was excluded somewhere: */
    uint32_t address_set;        /* all of it, in pn_names.pool */
};

/*
 * The resolved names of a policy. Unit and space belong to the caller and must not
 * move; nodes belong to the unit's trees. What has been gathered stays valid, and
 * asking again, also without diagnostics, gives the same result.
 */
struct pn_names {
    struct pn_unit *unit;
    struct pn_space *space;
    struct pn_intern intern;     /* number n is definition n */
    struct pn_definition *items; /* as many as the intern has names */
    size_t capacity;
    struct pn_set_pool pool;
    struct pn_lists lists;
    uint32_t *list_sets; /* by list: its address set in the pool, plus 1; 0: not made */
    size_t list_set_count, list_set_capacity;
    struct pn_buffer scratch;
    unsigned depth;
    struct pn_work work; /* of sets by what names them */
    bool is_reported;    /* that this was spent */
    /* Statements that could not be parsed: the first of them, in their files. */
    struct pn_definition broken[PN_NAMES_BROKEN_MAX];
    size_t broken_count;
    unsigned broken_asked; /* how often they were searched */
};

/*
 * Collects the definitions of all files, and reports duplicates. Only keep and kept of
 * names->lists may be set before.
 */
void
pn_names_collect(struct pn_names *names, struct pn_unit *unit, struct pn_space *space);

void
pn_names_clear(struct pn_names *names);

/* The definition of a name, if it is of this kind; otherwise reports at the span. */
struct pn_definition *
pn_names_find(struct pn_names *names, uint32_t file, struct pn_str name,
              enum pn_node_kind kind, struct pn_span span);

/*
 * Takes steps; a policy with more text has more. False when they are spent, which
 * pn_targets_each() reports at the current target.
 */
bool
pn_names_take(struct pn_names *names, uint64_t steps);

/* Tells, once for a policy, when steps are spent at a node: the rest is not looked at.
 */
void
pn_names_report_spent(struct pn_names *names, uint32_t file,
                      const struct pn_node *node);

#endif
