/* The verbs, each of verb_NAME.c. A new one is a row of verbs.def. */
#ifndef PN_TOOLS_VERBS_H
#define PN_TOOLS_VERBS_H

#include "tools/tool.h"

#define X(name) extern const struct pn_verb pn_verb_##name;
#include "tools/verbs.def"
#undef X

#endif
