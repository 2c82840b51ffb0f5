/* Asking the runtime. */
#ifndef PN_COMPILER_ASK_H
#define PN_COMPILER_ASK_H

#include "postern/rules.h"

/* Decides, with memory of its own for texts that want some. */
enum postern_status
pn_ask(const struct postern_rules *rules, const struct postern_query *query,
       struct postern_decision *out);

#endif
