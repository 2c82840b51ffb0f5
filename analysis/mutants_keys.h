/*
 * What each rule of a policy asks for, key by key: so that the policy can be asked what
 * it would decide with one rule in the place of another.
 */
#ifndef PN_ANALYSIS_MUTANTS_KEYS_H
#define PN_ANALYSIS_MUTANTS_KEYS_H

#include "base/work.h"
#include "compiler/policy.h"

enum pn_key_kind { PN_KEY_V4, PN_KEY_V6, PN_KEY_NAME };

/* One thing that a rule has on its left side. */
struct pn_key {
    uint32_t group;          /* of the space */
    uint32_t kind;           /* enum pn_key_kind */
    struct pn_prefix prefix; /* its rule; its start is the number of a name, too */
    bool is_twice;           /* its rule says it more than once */
    uint32_t parent;         /* the nearest one in the table that holds it, or
                                PN_RULE_NONE */
};

/* By group, kind and prefix, in the order of a finished space. */
struct pn_key_table {
    struct pn_key *items;
    size_t count;
};

/*
 * The keys of a policy, and of rules behind its last one that others could have in
 * their place. The space is the caller's.
 */
struct pn_keys {
    struct pn_space *space; /* whose `keeps_equal` is set */
    uint32_t base;          /* so many rules are the policy's own */
    uint32_t implied;       /* the rule where none is found, or PN_RULE_NONE */
    uint32_t base_groups, base_names; /* so many have keys of the policy's own rules */
    struct pn_key_table table;        /* of those; of equal ones those of two rules */
    struct pn_key *items;             /* of each rule behind one another: */
    size_t *firsts;                   /* by rule, and behind the last one */
    bool failed;                      /* out of memory */
};

/* Clear it in any case. */
void
pn_keys_make(struct pn_keys *out, struct pn_space *space, uint32_t base,
             uint32_t count);

void
pn_keys_clear(struct pn_keys *keys);

/* The keys of a rule. */
static inline struct pn_key_table
pn_keys_of(const struct pn_keys *keys, uint32_t rule)
{
    return (struct pn_key_table){ keys->items + keys->firsts[rule],
                                  keys->firsts[rule + 1] - keys->firsts[rule] };
}

/* For qsort(); the rule of a key does not count. */
int
pn_key_compare(const void *left, const void *right);

/* A rule in the place of another one. PN_RULE_NONE: none; with both the policy as it
 * is. */
struct pn_swap {
    uint32_t without, with;
    uint32_t part;  /* only the keys of this rule are gone, of those that the old one
                       says once; PN_RULE_NONE: all of them */
    bool same_keys; /* they have the same keys */
};

/* The policy as it is: an initializer. */
#define PN_SWAP_NONE                                    \
    {                                                   \
        PN_RULE_NONE, PN_RULE_NONE, PN_RULE_NONE, false \
    }

/* Does nothing say any more what happens to everybody else, where that has to be said?
 */
bool
pn_keys_lack_default(const struct pn_keys *keys, const struct pn_swap *swap);

/* A host as it is looked up. */
struct pn_named {
    uint32_t exact;           /* its name in the space, or PN_RULE_NONE */
    const uint32_t *suffixes; /* those of the space that it ends in, longest first */
    size_t count;
};

/* Who asks. */
struct pn_probe {
    uint8_t family;
    pn_number address;
    uint32_t group;              /* of the ident, or PN_GROUP_NO_IDENT */
    const struct pn_named *host; /* NULL: none */
};

/* What decides, and where. */
struct pn_found {
    uint32_t rule;
    uint32_t group;
    enum pn_found_by { PN_FOUND_OTHER, PN_FOUND_ADDRESS, PN_FOUND_PREFIX } by;
};

/* What the policy decides with the swap. */
struct pn_found
pn_keys_decide(const struct pn_keys *keys, const struct pn_swap *swap,
               const struct pn_probe *probe);

/* What a group of the policy as it is has for an address: the rules of the address
 * itself and of a prefix, or PN_RULE_NONE. */
void
pn_keys_address(const struct pn_keys *keys, uint32_t group,
                const struct pn_probe *probe, uint32_t out[2]);

/* And for a host: the rules of the name itself and of a suffix. */
void
pn_keys_host(const struct pn_keys *keys, uint32_t group, const struct pn_named *host,
             uint32_t out[2]);

/*
 * The last address from that of the probe on, and at most `last`, up to which no key of
 * the blocks, of the probe's group or of rules without ident begins or ends.
 */
pn_number
pn_keys_reach(const struct pn_keys *keys, const struct pn_swap *swap,
              const struct pn_probe *probe, pn_number last);

#endif
