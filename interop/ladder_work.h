/* Which rule decides for which class of names at which addresses. */
#ifndef PN_INTEROP_LADDER_WORK_H
#define PN_INTEROP_LADDER_WORK_H

#include "interop/ladder.h"

enum { PN_CLASS_NAMELESS, PN_CLASS_OTHER, PN_CLASS_FIXED };

/* Clients whose names no rule tells apart. */
struct pn_name_class {
    enum pn_ladder_kind kind;
    struct pn_str name;
    uint32_t parent; /* the longest suffix that it lies below, or PN_CLASS_OTHER */
};

/* Addresses at which no class has two rules. */
struct pn_ladder_atom {
    pn_number first, last;
    uint8_t family;
    bool is_free;   /* names decide */
    bool is_denied; /* where ours cannot tell apart what the rules do */
    bool is_done;   /* written */
    bool is_needed; /* exact, where an exact host would say otherwise */
    bool is_exact;  /* one address, and all classes are alike there */
};

struct pn_ladder_work {
    const struct pn_ladder *ladder;
    struct pn_import *import;
    struct pn_name_class *classes;
    size_t class_count, class_capacity;
    struct pn_ladder_atom *atoms;
    size_t atom_count, atom_capacity;
    uint32_t *owners; /* the rule, by atom and class */
    size_t owner_count, owner_capacity;
};

/* The rule that decides. */
static inline uint32_t
pn_ladder_owner(const struct pn_ladder_work *work, size_t atom, size_t name_class)
{
    return work->owners[atom * work->class_count + name_class];
}

/* The atoms of each rule for who has no name, one rule behind another. */
struct pn_ladder_by_rule {
    size_t *starts; /* by rule; one more than there are rules */
    size_t *atoms;
};

/* False without memory; pn_free() both in any case. */
bool
pn_ladder_by_rule_make(const struct pn_ladder_work *work,
                       struct pn_ladder_by_rule *out);

/* A rule that decides for nobody is told of. False without memory. */
bool
pn_ladder_hidden_tell(const struct pn_ladder_work *work);

/*
 * Finds classes, atoms and owners. False without memory, or after an error was told.
 */
bool
pn_ladder_cut(struct pn_ladder_work *work);

void
pn_ladder_work_clear(struct pn_ladder_work *work);

/* Writes a ladder without idents, for one ident or, ptr NULL, for all others. */
void
pn_ladder_write_for(const struct pn_ladder *ladder, struct pn_import *import,
                    struct pn_str ident);

#endif
