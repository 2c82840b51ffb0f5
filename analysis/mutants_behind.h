/* What the trial of mutants compiles: statements behind the text of a policy. */
#ifndef PN_ANALYSIS_MUTANTS_BEHIND_H
#define PN_ANALYSIS_MUTANTS_BEHIND_H

#include "analysis/mutants.h"
#include "grammar/tree.h"

/* A statement of the policy, and its number among its rules or claims. */
struct pn_numbered {
    const struct pn_node *node;
    uint32_t number;
};

/* Sorts them, for pn_numbered_find(). */
void
pn_numbered_sort(struct pn_numbered *items, size_t count);

/* The number of a statement that is there once; UINT32_MAX for none, or several. */
uint32_t
pn_numbered_find(const struct pn_numbered *items, size_t count,
                 const struct pn_node *node);

/* Where the statement of a mutant begins. */
struct pn_behind_item {
    size_t offset, mutant;
    bool is_part; /* it is the part of the rule that the mutant changes, as it was */
};

/* What is known of a rule whose targets are changed one by one. */
struct pn_behind_rule {
    const struct pn_node *node;
    bool is_divisible; /* each of its targets could stand in a rule by itself */
    bool has_list;
    size_t tail, end; /* the offsets behind them, and behind all of it */
};

/* Is a target all that it looks like: no set, ident, list, or *? */
bool
pn_behind_is_plain(const struct pn_tree *tree, const struct pn_node *target);

/* A text, and behind it statements of mutants. All zero is empty. */
struct pn_behind {
    struct pn_buffer text;
    size_t size; /* of what stands before them */
    struct pn_behind_item *items;
    size_t count, capacity;
    const struct pn_node *element; /* whose part was added last */
    struct pn_behind_rule rule;    /* that was asked for last */
    bool failed;
};

/* Begins anew, with a text, and a line behind it that is of no mutant. */
void
pn_behind_begin(struct pn_behind *behind, struct pn_str text, const char *line);

/* Adds the statement of mutant `number`, which is of a file. */
void
pn_behind_add(struct pn_behind *behind, const struct pn_mutants *mutants, size_t number,
              const struct pn_source *source);

/* What there is to know of a statement; remembered for the next mutant of it. */
const struct pn_behind_rule *
pn_behind_rule(struct pn_behind *behind, const struct pn_tree *tree,
               const struct pn_node *node);

/* Where the target is that a mutant changes, and the rule that has it. */
struct pn_behind_part {
    const struct pn_tree *tree; /* of the target */
    const struct pn_source *rule_source;
    const struct pn_behind_rule *rule;
};

/*
 * Adds the mutant as a rule of the one target that it changes, and before that, unless
 * it is there for the mutant before, that target as it was. One that is dropped has
 * nothing but the latter.
 */
void
pn_behind_add_part(struct pn_behind *behind, const struct pn_mutants *mutants,
                   size_t number, const struct pn_behind_part *part);

/* The mutant at whose statement an offset is, or SIZE_MAX. */
size_t
pn_behind_at(const struct pn_behind *behind, size_t offset);

void
pn_behind_clear(struct pn_behind *behind);

#endif
