/* A decision as a person reads it, as one line, and as JSON. */
#ifndef PN_TOOLS_RENDER_ANSWER_H
#define PN_TOOLS_RENDER_ANSWER_H

#include "analysis/answer.h"
#include "base/output.h"
#include "tools/render/style.h"

/* "10.1.2.3: allow", the rule and its place, and the environment, each on its line. */
void
pn_answer_text(struct pn_output *output, const struct postern_query *query,
               const struct pn_answer *answer, const struct pn_style *style);

/* "allow" or "deny", with its colour; the width of that. */
size_t
pn_verdict_paint(struct pn_output *output, const struct pn_style *style,
                 uint8_t verdict);

/* The rule, the environment and the terms, each on a line that begins with `indent`. */
void
pn_answer_details(struct pn_output *output, const struct pn_answer *answer,
                  const char *indent);

/* VERDICT STEP FILE:LINE TARGET NAME=VALUE..., with tabs between, "-" for none. */
void
pn_answer_line(struct pn_output *output, const struct pn_answer *answer);

/* The decision object of docs/formats.md, without a newline. */
void
pn_answer_json(struct pn_output *output, const struct pn_answer *answer);

const char *
pn_verdict_text(uint8_t verdict);

/* The query object of docs/formats.md, without a newline. */
void
pn_query_json(struct pn_output *output, const struct postern_query *query);

/* The query in the syntax of expectations: [ident@]ADDRESS [=HOST]. */
void
pn_query_text(struct pn_output *output, const struct postern_query *query);

#endif
