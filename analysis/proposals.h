/*
 * Edits of a policy that fulfil a wish: expectations that are to hold all together. One
 * after the other is turned by an edit (analysis/edits.h), and what came of it is held
 * to all of them.
 */
#ifndef PN_ANALYSIS_PROPOSALS_H
#define PN_ANALYSIS_PROPOSALS_H

#include "analysis/edits.h"

enum { PN_PROPOSALS_MAX = 8, PN_PROPOSAL_STEPS = 16 };

/* A way that fulfils it. */
struct pn_proposal {
    struct pn_buffer text;                    /* the policy then, and a NUL */
    struct pn_buffer says[PN_PROPOSAL_STEPS]; /* what each edit does, on a line */
    size_t steps;
    size_t failing;            /* expectations of the wish that do not hold yet */
    size_t broken;             /* claims of the policy that held, and do not any more */
    struct pn_changes changes; /* from the policy as it is */
    pn_number size;            /* so many addresses change */
};

/* What is wished, and what is found. All zero but for the question. */
struct pn_proposals {
    const struct pn_source *source; /* extended or classic; indexed */
    const char *wish;       /* a file of tests: its expectations, and nothing else */
    struct pn_diags *diags; /* receives what is wrong with either */
    struct pn_work *work;
    /* Filled: */
    struct pn_compiled before;
    bool holds;                                 /* all that is wished holds already */
    struct pn_proposal items[PN_PROPOSALS_MAX]; /* the smallest first */
    size_t count;
};

enum pn_proposals_result {
    PN_PROPOSALS_DONE,    /* none may have been found */
    PN_PROPOSALS_REFUSED, /* a text does not compile: the diagnostics say why */
    PN_PROPOSALS_ALWAYS,  /* a wish is no expectation of a verdict */
    PN_PROPOSALS_FAILED   /* no memory, or the work was spent */
};

/* pn_proposals_clear() in any case. */
enum pn_proposals_result
pn_proposals_find(struct pn_proposals *proposals);

void
pn_proposals_clear(struct pn_proposals *proposals);

#endif
