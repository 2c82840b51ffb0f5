/* A rule of an included classic file, in the decision space. */
#ifndef PN_COMPILER_CLASSIC_RULE_H
#define PN_COMPILER_CLASSIC_RULE_H

#include "compiler/policy.h"

/* Borrowed, all of it, for the call. */
struct pn_classic_place {
    const struct pn_tree *tree;
    const struct pn_node *rule;
    struct pn_diags *diags; /* NULL: it was reported before */
    uint32_t number;        /* of the rule */
    bool is_root;           /* of a file that is not included */
};

/* Adds what a key means to a space. False when no look-up asks for the key. */
bool
pn_classic_key_add(struct pn_space *space, struct pn_str key, uint32_t rule);

/* Can a server ask for the key, for some client? */
bool
pn_classic_key_is_asked(struct pn_str key);

/*
 * Adds a classic rule's keys to the space, unless that is NULL, and its text and
 * environment to `text`; fills in *out. A key that no look-up asks for adds nothing; an
 * IPv6 one in an included file is reported.
 */
void
pn_classic_rule_add(const struct pn_classic_place *place, struct pn_space *space,
                    struct pn_buffer *text, struct pn_policy_rule *out);

#endif
