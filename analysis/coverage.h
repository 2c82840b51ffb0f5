/* Which rules are covered by expectations and proofs, and how many addresses those
 * decide. */
#ifndef PN_ANALYSIS_COVERAGE_H
#define PN_ANALYSIS_COVERAGE_H

#include "compiler/prove.h"
#include "compiler/regions.h"

/* The arrays have an element for each rule of the policy. */
struct pn_coverage {
    size_t count;
    bool *live;                     /* it decides some query */
    bool *covered;                  /* an assertion is about such a query */
    struct postern_query *examples; /* of live rules: a query that the rule decides; its
                                       texts are in `texts` */
    struct pn_buffer *texts; /* of each rule, host and ident one after the other */
    /* addresses of clients without host and ident, by family: decided by any rule, and
     * by a covered one */
    pn_number decided[2], tested[2];
};

/* Looks at every query there is, and at those of the assertions. POSTERN_OK when all
 * were looked at; clear it in any case. */
enum postern_status
pn_coverage_make(struct pn_coverage *out, const struct pn_prover *prover);

void
pn_coverage_clear(struct pn_coverage *coverage);

/* Percent of live rules that are covered, rounded down; 100 when there are none. */
unsigned
pn_coverage_rules(const struct pn_coverage *coverage, size_t *covered, size_t *live);

/* Likewise of the addresses of a family (0 for IPv4, 1 for IPv6). */
unsigned
pn_coverage_space(const struct pn_coverage *coverage, unsigned family);

#endif
