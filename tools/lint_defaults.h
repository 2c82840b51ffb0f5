/* Defaults of options: a .postern at the rules or above, and POSTERN_OPTS. */
#ifndef PN_TOOLS_LINT_DEFAULTS_H
#define PN_TOOLS_LINT_DEFAULTS_H

#include "tools/config_file.h"
#include "tools/tool.h"

struct pn_words {
    char **items; /* NULL at the end */
    size_t count, capacity;
};

/* What else words come from; all of it is borrowed for the call. */
struct pn_defaults_place {
    const char *file;   /* its .postern: pn_config_find() */
    const char *config; /* the one that is named instead, or NULL */
    bool none;          /* no .postern at all */
    const struct pn_config_search *search;
    const struct pn_common *common;
};

/* A command line behind the words of POSTERN_OPTS. False without memory. */
bool
pn_words_of_run(struct pn_words *out, const char *environment, int argc, char **argv);

/*
 * The words of a .postern, then those of the run. Returns an enum pn_exit, and reports
 * what is wrong; clear it in any case.
 */
int
pn_defaults_read(struct pn_tool *tool, const struct pn_words *run,
                 const struct pn_defaults_place *place, struct pn_words *out);

void
pn_words_clear(struct pn_words *words);

#endif
