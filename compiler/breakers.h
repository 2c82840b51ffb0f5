/*
 * Finds the rules that could break an assertion, so that most assertions need not be
 * checked for all clients.
 */
#ifndef PN_COMPILER_BREAKERS_H
#define PN_COMPILER_BREAKERS_H

#include "compiler/assertions.h"
#include "compiler/image_decode.h"

/* Rules, once each. */
struct pn_rule_list {
    uint32_t *items;
    size_t count, capacity;
};

/* The distinct conditions of all assertions: few, and often shared. */
struct pn_predicate {
    bool hosts_asked, hosts_break; /* can a rule with a host break it? */
    bool idents_asked, idents_break;
};

struct pn_breakers {
    struct pn_rule_list hosts;  /* rules that decide by a host, */
    struct pn_rule_list idents; /* and those for an ident */
    struct pn_intern names;     /* that some rule sets */
    struct pn_intern keys;      /* of predicates */
    struct pn_predicate *items;
    size_t count, capacity;
    bool failed; /* out of memory */
};

/* Of a policy and its image; both are the caller's. Clear it in any case. */
void
pn_breakers_make(struct pn_breakers *breakers, const struct pn_policy *policy,
                 const struct pn_decoded *decoded);

void
pn_breakers_clear(struct pn_breakers *breakers);

/* Could any rule break an assertion? False is certain. */
bool
pn_breakers_any(const struct pn_breakers *breakers,
                const struct pn_assertions *assertions,
                const struct pn_assertion *assertion);

/* The number of an assertion's predicate; UINT32_MAX without memory. */
uint32_t
pn_breakers_predicate(struct pn_breakers *breakers,
                      const struct pn_assertions *assertions,
                      const struct pn_assertion *assertion);

#endif
