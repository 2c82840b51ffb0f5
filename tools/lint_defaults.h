/* Defaults of options: a .postern file above the rules, and POSTERN_OPTS. */
#ifndef PN_TOOLS_LINT_DEFAULTS_H
#define PN_TOOLS_LINT_DEFAULTS_H

#include "tools/lint_watch.h"
#include "tools/tool.h"

struct pn_words {
    char **items; /* NULL at the end */
    size_t count, capacity;
};

/* What else words come from; all of it is borrowed for the call. */
struct pn_defaults_place {
    const char *file;           /* the nearest .postern at or above its folder */
    const char *environment;    /* words with blanks between, or NULL */
    struct pn_watched *watched; /* notes where a .postern was looked for */
};

/*
 * The words of a command line with those of the defaults before them: those of the
 * .postern, of the environment, then argv. Returns an enum pn_exit, and tells what is
 * wrong; clear it in any case.
 */
int
pn_defaults_read(struct pn_tool *tool, int argc, char **argv,
                 const struct pn_defaults_place *place, struct pn_words *out);

void
pn_words_clear(struct pn_words *words);

#endif
