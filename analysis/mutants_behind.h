/* What the trial of mutants compiles: statements behind the text of a policy. */
#ifndef PN_ANALYSIS_MUTANTS_BEHIND_H
#define PN_ANALYSIS_MUTANTS_BEHIND_H

#include "analysis/mutants.h"

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
};

/* A text, and behind it statements of mutants. All zero is empty. */
struct pn_behind {
    struct pn_buffer text;
    size_t size; /* of what stands before them */
    struct pn_behind_item *items;
    size_t count, capacity;
    bool failed;
};

/* Begins anew, with a text, and a line behind it that is of no mutant. */
void
pn_behind_begin(struct pn_behind *behind, struct pn_str text, const char *line);

/* Adds the statement of mutant `number`, which is of a file. */
void
pn_behind_add(struct pn_behind *behind, const struct pn_mutants *mutants, size_t number,
              const struct pn_source *source);

/* The mutant at whose statement an offset is, or SIZE_MAX. */
size_t
pn_behind_at(const struct pn_behind *behind, size_t offset);

void
pn_behind_clear(struct pn_behind *behind);

#endif
