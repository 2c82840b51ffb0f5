/* The rows of penalties of an image. */
#ifndef PN_COMPILER_EMIT_PENALTIES_H
#define PN_COMPILER_EMIT_PENALTIES_H

#include "base/buffer.h"
#include "compiler/policy.h"

/*
 * Writes the rows of all rules, of which there is one at least. True when a host or an
 * ident may lead to a rule that is exempt.
 */
bool
pn_penalties_emit(const struct pn_policy *policy, struct pn_buffer *out);

#endif
