/* Every verb: what its file defines, and the table of all. */
#ifndef PN_TOOLS_VERBS_H
#define PN_TOOLS_VERBS_H

#include "tools/tool.h"

/* verb_NAME.c: the options, and what runs. Returns an enum pn_exit. */
#define X(name, operands, summary)                         \
    extern const struct pn_option_table pn_options_##name; \
    int pn_verb_##name(struct pn_tool *tool, int argc, char **argv);
#include "tools/verbs.def"
#undef X

/* In the order of verbs.def. */
extern const struct pn_verb pn_verbs[];
extern const size_t pn_verb_count;

/* NULL when there is none of this name. */
const struct pn_verb *
pn_verb_find(const char *name);

/* The verb that was likely meant, or NULL. */
const char *
pn_verb_near(const char *name);

#endif
