/* Decides a query in the decision space itself, item by item. */
#ifndef PN_ANALYSIS_DECIDE_H
#define PN_ANALYSIS_DECIDE_H

#include "base/source.h"
#include "compiler/space.h"

/* host and ident: ptr NULL for none. The number in the space (an item, or a rule), or
 * PN_RULE_NONE. */
uint32_t
pn_space_decide(const struct pn_space *space, uint8_t family, pn_number address,
                struct pn_str host, struct pn_str ident);

/* The same without one of them. */
uint32_t
pn_space_decide_without(const struct pn_space *space, uint8_t family, pn_number address,
                        struct pn_str host, struct pn_str ident, uint32_t without);

/*
 * What a group says of a host, or of hosts below a suffix with its dot, where no
 * address decides: the rule of the name itself, of the longest suffix around it, or of
 * any host.
 */
uint32_t
pn_space_decide_name(const struct pn_space *space, uint32_t group, struct pn_str name);

/* The rule of exactly this name, with its dot if it is a suffix; or PN_RULE_NONE. */
uint32_t
pn_space_rule_of_name(const struct pn_space *space, uint32_t group, struct pn_str name);

#endif
