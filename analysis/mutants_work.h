/* What the files that make mutants share. */
#ifndef PN_ANALYSIS_MUTANTS_WORK_H
#define PN_ANALYSIS_MUTANTS_WORK_H

#include "analysis/mutants.h"

/* Where mutants are made: borrowed while pn_mutants_make() runs. */
struct pn_mutants_work {
    struct pn_mutants *out;
    const struct pn_tree *tree;
    uint32_t file;
    bool classic;
    bool of_assertion; /* a claim is at hand */
};

/* A text in the place of a span. */
void
pn_mutants_add(struct pn_mutants_work *w, enum pn_mutation mutation,
               struct pn_span span, struct pn_str text);

/* Nothing in the place of a span. */
void
pn_mutants_drop(struct pn_mutants_work *w, struct pn_span span);

/* A text put into a span, at an offset of the file. */
void
pn_mutants_insert(struct pn_mutants_work *w, enum pn_mutation mutation,
                  struct pn_span span, size_t at, struct pn_str what);

/* Is a token a comma? */
bool
pn_mutants_is_comma(const struct pn_mutants_work *w, uint32_t token);

/* A target as it is written, or a classic key. */
void
pn_mutants_word(struct pn_mutants_work *w, struct pn_span span);

/* What a rule or a set is about. */
void
pn_mutants_targets(struct pn_mutants_work *w, const struct pn_node *node);

#endif
