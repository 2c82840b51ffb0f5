/* What was meant beside what an image says. */
#ifndef PN_COMPILER_COMPARE_H
#define PN_COMPILER_COMPARE_H

#include "compiler/lift.h"

/*
 * Does a lifted image say what the finished space does, rule by rule? False too when
 * memory is out, and then the space remembers it.
 */
bool
pn_lifted_is(const struct pn_lifted *lifted, struct pn_space *space);

#endif
