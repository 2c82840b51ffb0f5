/* An extended source as rules: names resolved, literals decoded, each with its place.
 */
#ifndef PN_COMPILER_POLICY_H
#define PN_COMPILER_POLICY_H

#include "compiler/names.h"
#include "compiler/penalties.h"
#include "compiler/space.h"
#include "compiler/terms.h"
#include "compiler/unit.h"
#include "postern/types.h"

#define PN_TERMS_NONE UINT32_MAX /* the terms of a rule that has none */

/* Offsets lead into pn_policy.text; sizes are in bytes. A policy may have a million of
 * them: their size counts. */
struct pn_policy_rule {
    uint32_t env, env_size;
    uint32_t target, target_size; /* the targets as their author wrote them */
    uint32_t file;                /* in pn_policy.files */
    uint32_t line;
    uint32_t terms;  /* in pn_policy.terms, or PN_TERMS_NONE */
    uint8_t verdict; /* enum postern_verdict */
    bool block;
};

/* Where a rule stands in the trees. */
struct pn_rule_node {
    const struct pn_node
        *node; /* valid as long as the unit; NULL for an implied rule */
    uint32_t file;
};

/* One thing that a rule's left side names: what findings are about. */
struct pn_rule_item {
    uint32_t rule; /* in pn_policy.rules */
    /* a TARGET, a LIST or a classic RULE, valid as long as the unit; NULL as above */
    const struct pn_node *node;
};

/* What targets mean, as far as claims asked: for claim_target.c alone. */
struct pn_condition_targets {
    struct pn_intern meanings; /* texts of them */
    struct pn_intern words;    /* targets as they are written, and what each means: */
    uint32_t *of_words;        /* a number of `meanings`, and 1; 0: it is not known */
    size_t word_capacity;
    struct pn_intern pairs; /* a rule, and the meaning of one of its targets, and 1 */
    bool *is_known;         /* by rule: all of its targets are in `pairs` */
    bool failed;            /* out of memory */
};

/*
 * Owns all that is in it. The nodes that it names are of the unit it was built from,
 * and its names point to that unit and to its own space: it stays where it is, and
 * without the unit only rules, terms, text and space are of use.
 */
struct pn_policy {
    struct pn_policy_rule *rules; /* in the order they are written, includes in place */
    size_t count, capacity;
    struct pn_rule_node *nodes; /* one for each rule; none where runs stay runs */
    size_t node_capacity;
    struct pn_rule_item *items; /* with options.by_target: what the space numbers */
    size_t item_count, item_capacity;
    struct pn_terms *terms;
    size_t term_count, term_capacity;
    struct pn_penalty *penalties; /* ascending, as the image has them */
    size_t penalty_count, penalty_capacity;
    struct pn_buffer text;
    struct pn_span *files; /* in the text: their names, the root's first */
    size_t file_count, file_capacity;
    struct pn_intern envs; /* the environments there are in the text */
    uint32_t *env_at;      /* where each of them stands */
    size_t env_capacity;
    struct pn_space space;
    struct pn_names names;
    struct pn_rule_node *assertions; /* EXPECT and ALWAYS, in the order of the files */
    size_t assertion_count, assertion_capacity;
    struct pn_condition_targets targets;
    bool is_partial; /* the work limit was reached, which is reported */
    bool failed;     /* out of memory */
};

struct pn_policy_options {
    uint32_t as_of; /* rules whose last day is before this one are left out; 0: none */
    bool only; /* the space holds rule `rule` and no other, to see where it stands */
    uint32_t rule;
    bool and_before; /* with `only`: and those before it */
    bool keep_lists; /* their texts stay, for listed.h; so with by_target */
    /* lists that were read before, and those of this policy when it goes; or NULL. With
     * keep_lists or by_target. */
    struct pn_kept_lists *kept_lists;
    struct pn_kept_files *kept_files; /* likewise the trees of files; or NULL */
    bool bounded;                     /* lists outside of their bounds are errors */
    bool keep_equal; /* the space holds every key of every rule: see pn_space */
    bool no_nodes;   /* nobody asks for rules in the trees: not with by_target */
    bool by_target;  /* the space holds numbers of targets in the place of rules */
};

void
pn_policy_clear(struct pn_policy *policy);

/* The name of a rule's file. */
struct pn_str
pn_policy_file(const struct pn_policy *policy, const struct pn_policy_rule *rule);

/* The environment of a rule, as image records hold it: empty for one that sets nothing.
 */
struct pn_str
pn_policy_env_text(const struct pn_policy *policy, uint32_t rule);

/* The same, variable by variable. */
struct postern_env_iter
pn_policy_env(const struct pn_policy *policy, uint32_t rule);

/* The terms of a rule by enum pn_native_term; NULL for a rule that has none. */
const uint32_t *
pn_policy_terms(const struct pn_policy *policy, uint32_t rule);

/* The penalties of a rule, or that it is exempt, and how many rows; NULL for none. */
const struct pn_penalty *
pn_policy_penalties(const struct pn_policy *policy, uint32_t rule, size_t *count);

/* The reject text of a rule; ptr NULL where it has none. */
struct postern_str
pn_policy_reject(const struct pn_policy *policy, uint32_t rule);

#endif
