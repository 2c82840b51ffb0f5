/*
 * Numbers outcomes: what a client can observe of a decision. Equal outcomes have equal
 * numbers.
 */
#ifndef PN_COMPILER_OUTCOMES_H
#define PN_COMPILER_OUTCOMES_H

#include "base/intern.h"
#include "base/status_runs.h"
#include "compiler/image_decode.h"
#include "postern/rules.h"

/*
 * The verdict, for an allow the environment as a map, and the terms. A limit or rate
 * counts for its rule, so that no two rules with one are alike, but between images they
 * are compared by value. All denials without a reject text are alike. The rules are the
 * caller's, and outlive it.
 */
struct pn_outcomes {
    const struct postern_rules *rules;
    /* By rule: the number of its outcome, and 1; 0: it was not asked for. Small, for it
       is asked for rules in the order of addresses. */
    uint32_t *numbers;
    size_t count;      /* of the numbers there is room for */
    unsigned shift;    /* from a rule to its number */
    uint32_t plain[2]; /* by verdict, number + 1 of an outcome of nothing else; or 0 */
    struct pn_intern own, *shared; /* shared by the images that are compared */
    bool failed;                   /* out of memory, or a damaged image */
};

/* A pn_class_fn, whose payload is a struct pn_outcomes with its rules set, and perhaps
 * `shared`. */
uint32_t
pn_outcome_of(void *payload, uint32_t rule);

/* Asks the memory for what pn_outcome_of() will read, if it was asked before. */
static inline void
pn_outcome_prefetch(const struct pn_outcomes *outcomes, uint32_t rule)
{
    if (rule >> outcomes->shift < outcomes->count)
        __builtin_prefetch(&outcomes->numbers[rule >> outcomes->shift]);
}

/*
 * Reads all rules of the image in storage order, for callers that need most of them: on
 * demand, in the order of addresses, takes several times as long. Without memory, the
 * rest is read on demand.
 */
void
pn_outcomes_fill(struct pn_outcomes *outcomes, const struct pn_decoded *decoded);

void
pn_outcomes_clear(struct pn_outcomes *outcomes);

/* Appends penalties, ascending, as outcomes have them; joins them. */
void
pn_outcome_write_penalties(struct pn_buffer *out, struct pn_status_run *runs,
                           size_t count);

/* Appends an outcome in a canonical form; `rule` distinguishes counters. */
void
pn_outcome_write(struct pn_buffer *out, const struct postern_decision *decision,
                 uint32_t rule);

#endif
