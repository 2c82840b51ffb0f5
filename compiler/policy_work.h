/* What the files that build a policy share: the rule at hand, and its parts. */
#ifndef PN_COMPILER_POLICY_WORK_H
#define PN_COMPILER_POLICY_WORK_H

#include "compiler/policy.h"

/* What rules are built with: borrowed, all of it, while pn_policy_build() runs. */
struct pn_policy_work {
    struct pn_policy *policy;
    struct pn_unit *unit;
    const struct pn_policy_options *options;
    struct pn_names *names;
    struct pn_space *space;       /* where the targets go */
    uint32_t file;                /* the one at hand, */
    const struct pn_node *node;   /* the rule, */
    struct pn_policy_rule *rule;  /* and what becomes of it */
    struct pn_policy_rule nobody; /* in the place of one, for what nothing uses */
    size_t line; /* where the last one was asked for: they ascend, in a file */
};

static inline const struct pn_tree *
pn_policy_tree(const struct pn_policy_work *work)
{
    return &work->unit->files[work->file]->tree;
}

static inline void
pn_policy_complain(const struct pn_policy_work *work, enum pn_diag_id id,
                   struct pn_span span)
{
    pn_diags_add(work->unit->diags, id, &work->unit->files[work->file]->source, span);
}

static inline struct pn_span
pn_policy_span(const struct pn_policy_work *work, const struct pn_node *node)
{
    return pn_token_span(pn_policy_tree(work)->tokens[node->token]);
}

/*
 * The number that the space is to hold for a target of the rule at hand: the rule's, or
 * one of the target's own.
 */
uint32_t
pn_policy_number(struct pn_policy_work *work, const struct pn_node *target);

/* The targets as their author spelt them, with a comma and a blank between. */
void
pn_policy_targets_text(const struct pn_policy_work *work, const struct pn_node *nodes);

/* The targets of the rule at hand, into the space. */
void
pn_policy_targets_add(struct pn_policy_work *work);

/* The variables among nodes of a file, into the text behind work->rule->env. */
void
pn_policy_settings_add(struct pn_policy_work *work, uint32_t file,
                       const struct pn_node *nodes);

#endif
