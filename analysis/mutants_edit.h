/* Adds mutants to the list while they are made. */
#ifndef PN_ANALYSIS_MUTANTS_EDIT_H
#define PN_ANALYSIS_MUTANTS_EDIT_H

#include "analysis/mutants.h"
#include "grammar/tree.h"

/* Where mutants are made: lives as long as the walk over one file. */
struct pn_mutants_work {
    struct pn_mutants *out;
    const struct pn_tree *tree;
    uint32_t file; /* its number in the unit */
    bool classic;
    const struct pn_node *statement; /* the current one, */
    struct pn_span whole;            /* where it stands, */
    bool of_assertion;               /* and whether it is a claim */
    const struct pn_node *element;   /* of a rule, while it is changed; or NULL */
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

#endif
