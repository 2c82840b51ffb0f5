/* What the files that build a policy share: the rule at hand, and its parts. */
#ifndef PN_COMPILER_POLICY_WORK_H
#define PN_COMPILER_POLICY_WORK_H

#include "base/work.h"
#include "compiler/policy.h"
#include "compiler/shapes.h"

/* A variable of a group, or a group in it. */
struct pn_env_part {
    bool is_group, is_reported; /* an error in the group that it names was reported */
    uint32_t name;   /* of a variable, in pn_env_groups.names; or of the group */
    uint32_t token;  /* the group's, in the file of its definition */
    size_t at, size; /* of a variable as images hold it, in pn_env_groups.text */
};

/* An env, read once however many rules it is given to. */
struct pn_env_group {
    size_t first, count;   /* in pn_env_groups.parts */
    uint32_t turn;         /* the last one that came by, from 1 */
    uint32_t env, size;    /* what a rule has that is given this group alone, */
    bool is_read, is_kept; /* when that is_kept */
};

/* What the groups of a policy come to, and which rule set a name last. */
struct pn_env_groups {
    struct pn_intern names;
    uint32_t *turns; /* by name: the last one that set it */
    size_t turn_capacity;
    struct pn_env_part *parts;
    size_t part_count, part_capacity;
    struct pn_env_group *items; /* by definition */
    struct pn_buffer text;
    struct pn_work work;
    /* the rule at hand */
    uint32_t turn;
    size_t copied;             /* bytes that it has from groups */
    struct pn_env_group *only; /* which is all that it is given; or NULL */
    bool is_same;              /* as a rule before it */
};

/* What rules are built with: borrowed, all of it, while pn_policy_build() runs. */
struct pn_policy_work {
    struct pn_policy *policy;
    struct pn_unit *unit;
    const struct pn_policy_options *options;
    struct pn_names *names;
    struct pn_space *space;      /* where the targets go */
    uint32_t file;               /* the one at hand, */
    const struct pn_node *node;  /* the rule, */
    struct pn_policy_rule *rule; /* and what becomes of it */
    struct pn_env_groups groups;
    struct pn_shapes shapes;
    size_t line; /* where the last one was asked for: they ascend, in a file */
};

static inline const struct pn_tree *
pn_policy_tree(const struct pn_policy_work *work)
{
    return pn_unit_tree(work->unit, work->file);
}

static inline void
pn_policy_report(const struct pn_policy_work *work, enum pn_diag_id id,
                 struct pn_span span)
{
    pn_unit_report(work->unit, work->file, id, span);
}

static inline struct pn_span
pn_policy_span(const struct pn_policy_work *work, const struct pn_node *node)
{
    return pn_token_span(pn_policy_tree(work)->tokens[node->token]);
}

/* False without memory. */
bool
pn_env_groups_begin(struct pn_env_groups *groups, const struct pn_policy_work *work);

void
pn_env_groups_clear(struct pn_env_groups *groups);

/*
 * The variables of the rule at hand, into the text behind work->rule->env. False when
 * they are those of an earlier rule, whose env and size it has then.
 */
bool
pn_policy_settings_add(struct pn_policy_work *work);

/* What that added stays in the text, or else was there before. */
void
pn_policy_settings_keep(struct pn_policy_work *work, bool is_new);

/* Tells what is wrong with a group of the file at hand that no rule is given. */
void
pn_policy_group_check(struct pn_policy_work *work, uint32_t number);

#endif
