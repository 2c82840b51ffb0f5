/* A decision with the place of its rule, and what it does to the environment. */
#ifndef PN_ANALYSIS_ANSWER_H
#define PN_ANALYSIS_ANSWER_H

#include <stdbool.h>

#include "postern/postern.h"

/* A decision, and the place of the rule that made it. */
struct pn_answer {
    struct postern_decision decision;
    struct postern_str target;        /* ptr NULL: no rule decided, or it has no name */
    bool nobody;                      /* an implied rule decided: it is in no source */
    struct postern_str file;          /* ptr NULL when the file does not tell */
    size_t line, column;              /* from 1; 0 when the file does not tell */
    struct postern_str owner, ticket; /* ptr NULL for none */
    uint32_t until;                   /* YYYYMMDD; 0 for none */
    struct postern_str entry, list;   /* of the list that decides; ptr NULL for none */
    size_t entry_line;                /* the index of the entry in it */
};

/* Fills what an answer has of its rule's place. */
void
pn_answer_place(struct pn_answer *answer, const struct postern_origin *origin);

/* Decides a query by a policy, which the caller knows the type of. */
typedef enum postern_status (*pn_answer_fn)(const void *policy,
                                            const struct postern_query *query,
                                            struct pn_answer *out);

struct pn_environment {
    struct postern_env *items;
    size_t count;
    bool failed; /* out of memory; there are no items then */
};

/*
 * The assignments that take effect: none of a denial, and of two with one name the
 * later. In the order of the rule.
 */
struct pn_environment
pn_environment_of(const struct pn_answer *answer);

void
pn_environment_free(struct pn_environment *environment);

#endif
