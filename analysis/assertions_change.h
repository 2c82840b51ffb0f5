/*
 * What a change of policy does to its assertions: those of the old policy that the new
 * ones do not imply. What the rules decide is not looked at.
 */
#ifndef PN_ANALYSIS_ASSERTIONS_CHANGE_H
#define PN_ANALYSIS_ASSERTIONS_CHANGE_H

#include "compiler/loaded_policy.h"

enum pn_assertion_change_kind {
    PN_ASSERTION_REMOVED, /* no assertion of the new policy takes its place */
    PN_ASSERTION_WEAKENED /* one does, for fewer queries or with fewer conditions */
};

struct pn_assertion_change {
    enum pn_assertion_change_kind kind;
    const struct pn_assertion *assertion; /* points into the old policy */
};

struct pn_assertion_changes {
    struct pn_assertion_change *items; /* in the order of the old source */
    size_t count, capacity;
};

/* Compares the assertions of two policies. False without memory; clear it in any case.
 * */
bool
pn_assertions_compare(const struct pn_loaded_policy *old_loaded,
                      const struct pn_loaded_policy *new_loaded,
                      struct pn_assertion_changes *out);

void
pn_assertion_changes_clear(struct pn_assertion_changes *changes);

#endif
