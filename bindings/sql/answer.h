/* What an engine of SQL takes from a decision. */
#ifndef PN_SQL_ANSWER_H
#define PN_SQL_ANSWER_H

#include <postern/postern.h>

/*
 * The value of a variable of a decision; of two with its name, of the later. False when
 * it has none. A view, of the rules that decided.
 */
bool
pn_answer_env(const struct postern_decision *decision, struct postern_str name,
              struct postern_str *out);

#endif
