/* Sets that one rule alone names: a mutant of their elements is one of its targets. */
#ifndef PN_ANALYSIS_MUTANTS_SETS_H
#define PN_ANALYSIS_MUTANTS_SETS_H

#include "analysis/mutants_trial_parts.h"

/* Where a set is named. */
struct pn_set_use {
    struct pn_rule_node rule; /* by a target of it */
    size_t count;
    bool is_other; /* it is named in another place, too, or for an ident */
};

/* By name. All zero is none. */
struct pn_set_uses {
    struct pn_intern names;
    struct pn_set_use *items;
    size_t capacity;
    bool failed; /* out of memory */
};

/* Clear it in any case. */
void
pn_set_uses_make(struct pn_set_uses *out, const struct pn_unit *unit);

void
pn_set_uses_clear(struct pn_set_uses *uses);

/* The rule that alone names a set, once; its node is NULL when there is none. */
struct pn_rule_node
pn_set_user(const struct pn_set_uses *uses, const struct pn_unit *unit, uint32_t file,
            const struct pn_node *set);

/* Marks the keys that several parts of a rule have; false without memory. */
bool
pn_parts_mark(struct pn_trial *trial, size_t mutants);

#endif
