/* Finds the line of the list by which a rule takes an address. */
#ifndef PN_COMPILER_LISTED_H
#define PN_COMPILER_LISTED_H

#include "compiler/gather.h"
#include "compiler/policy.h"

/* An entry of a list, valid as long as the policy, which needs options.keep_lists. */
struct pn_listed_entry {
    const struct pn_list_file *list;
    struct pn_span at; /* in its text */
};

/*
 * The entry by which a rule takes an address, for an ident or (ptr NULL) without one:
 * the address itself before a prefix, a long prefix before a short one, and of equals
 * the first. False when it is not in a list, or what is more exact is in the rules
 * themselves. Goes through the lists of the rule.
 */
bool
pn_policy_listed(struct pn_policy *policy, uint32_t rule, struct pn_str ident,
                 const struct postern_addr *addr, struct pn_listed_entry *out);

/* An entry of a list as the space has it, and the target that it came from. */
struct pn_listed_of {
    struct pn_target_at target;
    uint8_t family;
    struct pn_prefix entry;
};

/* The first line of a target's lists that says an entry. */
bool
pn_policy_listed_as(struct pn_policy *policy, const struct pn_listed_of *of,
                    struct pn_listed_entry *out);

#endif
