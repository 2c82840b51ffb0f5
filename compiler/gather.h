/* What the targets of a rule, a set or an assertion stand for. */
#ifndef PN_COMPILER_GATHER_H
#define PN_COMPILER_GATHER_H

#include "compiler/names.h"

/* Resolves the unused sets, so that errors in them are reported too. */
void
pn_sets_finish(struct pn_names *names);

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
    bool good;      /* a target that may stand here; otherwise that was reported */
    bool addresses; /* it has nothing else: nothing can be taken out of hosts and * */
};

/* A target: a TARGET, a LIST, or a word at `token`. */
struct pn_target_at {
    uint32_t file;
    const struct pn_node *node; /* of a tree of the unit; NULL for a word by itself, */
    uint32_t token;             /* which stands there then */
    uint32_t excluded;          /* an address set in names->pool; 0 for nothing */
    bool share; /* large sets and what is taken out stand by themselves */
    uint32_t shared, own;
};

/*
 * *out is reset first, so that it can be reused: zeroed at first, cleared at the end.
 */
void
pn_target_gather(struct pn_names *names, struct pn_target_at at, pn_accept_fn accept,
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

/* Takes each target of a place by itself, in order, less what its EXCEPT takes out. */
void
pn_targets_each(struct pn_names *names, const struct pn_place *place);

#endif
