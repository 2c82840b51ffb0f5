/*
 * Answers as they were told before. The line of an answer follows from its rule and its
 * step, and most clients of a log are decided by few rules.
 */
#ifndef PN_TOOLS_TOLD_ANSWERS_H
#define PN_TOOLS_TOLD_ANSWERS_H

#include "analysis/answer.h"
#include "base/output.h"
#include "tools/columns.h"

struct pn_told_line;

/* What a line of an answer is. */
struct pn_told_form {
    bool json;
    const struct pn_columns *columns; /* NULL: as text */
};

struct pn_told_answers {
    struct pn_told_form form;
    struct pn_output line;      /* the one at hand */
    struct pn_told_line *known; /* NULL without memory: each is told anew */
};

void
pn_told_begin(struct pn_told_answers *told, const struct pn_told_form *form);

/* Forgets what was told: rules have other numbers now. */
void
pn_told_forget(struct pn_told_answers *told);

void
pn_told_end(struct pn_told_answers *told);

/* Writes the line of an answer: as pn_answer_line(), pn_answer_json() or columns. */
void
pn_told_answer(struct pn_told_answers *told, struct pn_output *out,
               const struct pn_answer *answer);

#endif
