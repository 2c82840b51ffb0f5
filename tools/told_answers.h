/*
 * Answers as they were told before. The line of an answer follows from its rule and its
 * step, and most clients of a log are decided by few rules.
 */
#ifndef PN_TOOLS_TOLD_ANSWERS_H
#define PN_TOOLS_TOLD_ANSWERS_H

#include "analysis/answer.h"
#include "base/output.h"

struct pn_told_line;

struct pn_told_answers {
    bool json;
    struct pn_output line;      /* the one at hand */
    struct pn_told_line *known; /* NULL without memory: each is told anew */
};

void
pn_told_begin(struct pn_told_answers *told, bool json);

void
pn_told_end(struct pn_told_answers *told);

/* Writes the line of an answer: as pn_answer_line(), or as pn_answer_json(). */
void
pn_told_answer(struct pn_told_answers *told, struct pn_output *out,
               const struct pn_answer *answer);

#endif
