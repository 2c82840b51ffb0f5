/* Decides a query in the decision space itself, target by target. */
#ifndef PN_ANALYSIS_DECIDE_H
#define PN_ANALYSIS_DECIDE_H

#include "base/source.h"
#include "compiler/space.h"

/* host and ident: ptr NULL for none. The target or rule, or PN_NATIVE_NONE. */
uint32_t
pn_space_decide(const struct pn_space *space, uint8_t family, pn_number address,
                struct pn_str host, struct pn_str ident);

/* The same, as if one of them were not there. */
uint32_t
pn_space_decide_without(const struct pn_space *space, uint8_t family, pn_number address,
                        struct pn_str host, struct pn_str ident, uint32_t without);

/*
 * What a group says of a host, or of those below a suffix with its dot, where no
 * address decides: its own rule, that of a suffix around it, or any host's.
 */
uint32_t
pn_space_decide_name(const struct pn_space *space, uint32_t group, struct pn_str name);

/* The rule of this very name, with its dot if it is a suffix; or PN_NATIVE_NONE. */
uint32_t
pn_space_rule_of_name(const struct pn_space *space, uint32_t group, struct pn_str name);

#endif
