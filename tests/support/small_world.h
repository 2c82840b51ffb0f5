/*
 * A small world: random policies of every kind of target over a few addresses, hosts
 * and idents, and a second opinion on what they decide that looks through the rules.
 */
#ifndef PN_TESTS_SUPPORT_SMALL_WORLD_H
#define PN_TESTS_SUPPORT_SMALL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum {
    PN_SMALL_ADDRESSES = 8,            /* of each family, by their last three bits */
    PN_SMALL_GAP = PN_SMALL_ADDRESSES, /* any address that is none of them */
    PN_SMALL_RULES_MAX = 9
};

enum pn_small_kind {
    PN_SMALL_ADDRESS,
    PN_SMALL_PREFIX,
    PN_SMALL_HOST,
    PN_SMALL_SUFFIX,
    PN_SMALL_ANY_HOST,
    PN_SMALL_DEFAULT
};

/* A rule of one target. */
struct pn_small_rule {
    enum pn_small_kind kind;
    const char *ident; /* NULL: none */
    const char *host;  /* or the suffix, with its dot */
    int family;
    unsigned first, last, length; /* of the last three bits: 0 to 3 */
    bool hole;
    unsigned hole_first, hole_last; /* except these */
    bool named;                     /* written as a set */
    bool deny, block;
    unsigned value; /* of the variable V; 0: it is not set */
};

struct pn_small_query {
    int family;
    unsigned address;
    const char *host, *ident;
};

/* Every host and ident that can make a difference, each with none first. */
extern const char *const pn_small_hosts[];
extern const size_t pn_small_host_count;
extern const char *const pn_small_idents[];
extern const size_t pn_small_ident_count;

/*
 * A random policy of at most PN_SMALL_RULES_MAX rules and a default, which stands last.
 * Rule n is on line n + 2 of the text. Returns how many rules there are.
 */
size_t
pn_small_policy(uint64_t *seed, struct pn_small_rule *rules, struct pn_buffer *text);

/*
 * The same with sets of several kinds of elements: each element is a rule here, and
 * targets[n] is the target of rule n, which is on line target + 2.
 */
size_t
pn_small_set_policy(uint64_t *seed, struct pn_small_rule *rules, size_t *targets,
                    struct pn_buffer *text);

/* A random policy, for one call. */
struct pn_small_world {
    struct pn_small_rule rules[PN_SMALL_RULES_MAX + 1];
    size_t count;
    struct pn_buffer text; /* a NUL stands behind it, which is not counted */
};

typedef void (*pn_small_world_fn)(void *payload, struct pn_small_world *world);

/* Calls `check` with so many random policies, one after the other. */
void
pn_test_each_policy(uint64_t *seed, int count, pn_small_world_fn check, void *payload);

/* Are two rules of one key, whatever their holes? */
bool
pn_small_same_key(const struct pn_small_rule *a, const struct pn_small_rule *b);

/* Does a rule name the address and host of a query? Its ident is not looked at. */
bool
pn_small_matches(const struct pn_small_rule *rule, const struct pn_small_query *q);

/* The index of the rule that decides. */
size_t
pn_small_decide(const struct pn_small_rule *rules, size_t count,
                const struct pn_small_query *query);

/* The text of an address, in at least 64 bytes. */
void
pn_small_address(char *text, int family, unsigned address);

#endif
