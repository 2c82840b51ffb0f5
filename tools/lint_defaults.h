/* Defaults of options: a .postern file above the rules, and POSTERN_OPTS. */
#ifndef PN_TOOLS_LINT_DEFAULTS_H
#define PN_TOOLS_LINT_DEFAULTS_H

#include "tools/tool.h"

struct pn_words {
    char **items; /* NULL at the end */
    size_t count, capacity;
};

/*
 * The words of a command line with those of the defaults before them: the nearest
 * .postern at or above the folder of the first FILE, then `environment`, then argv.
 * Returns an enum pn_exit, and tells what is wrong; clear it in any case.
 */
int
pn_defaults_read(struct pn_tool *tool, int argc, char **argv, const char *environment,
                 struct pn_words *out);

void
pn_words_clear(struct pn_words *words);

#endif
