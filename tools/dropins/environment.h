/* What a decision does to the environment of the program. */
#ifndef PN_TOOLS_DROPINS_ENVIRONMENT_H
#define PN_TOOLS_DROPINS_ENVIRONMENT_H

#include "tools/input/rules_file.h"

struct pn_environment {
    struct postern_env *items;
    size_t count;
    bool failed; /* out of memory; there are no items then */
};

/*
 * The assignments that take effect: none of a denial, and of two with one name the
 * later. In the order of the rule.
 */
struct pn_environment
pn_environment_of(const struct pn_answer *answer);

void
pn_environment_free(struct pn_environment *environment);

#endif
