/* Other programs, each with ten seconds for an answer. */
#ifndef PN_TOOLS_PROVE_RUN_H
#define PN_TOOLS_PROVE_RUN_H

#include "tools/prove/originals.h"

enum { PN_PROVE_SECONDS = 10 };

/*
 * A program found on PATH or where those of the system are, or of a name with a slash
 * that file; `out` holds 256 bytes.
 */
bool
pn_run_find(const char *name, char *out);

/* What a program is given. */
struct pn_run {
    const char *const *words;       /* its path first; NULL at the end */
    const char *const *environment; /* NULL: none but a PATH */
    struct pn_str input;
};

/*
 * Runs it to its end, and gathers what it writes, its errors too. The status it leaves
 * with; -1 with asking->why when it cannot be run, was killed or takes too long.
 */
int
pn_run(struct pn_asking *asking, const struct pn_run *run, struct pn_buffer *said);

/* The same, where another status than 0 is a failure, and what it said is why. */
bool
pn_run_well(struct pn_asking *asking, const char *const *words);

/* Starts one that goes on; what it says is in "said" of the folder. Its process, or -1
 * with why. */
int
pn_run_start(struct pn_asking *asking, const char *const *words);

/* Has it not ended by itself? */
bool
pn_run_lives(int child);

void
pn_run_end(int child);

/* Sets asking->why: what failed, and the first line of what was said of it. Returns
 * false. */
bool
pn_run_fails(struct pn_asking *asking, const char *what, struct pn_str said);

/* Writes a file of the folder, for its owner alone; false, with why, when it cannot be.
 */
bool
pn_run_write(struct pn_asking *asking, const char *name, struct pn_str text);

/* A copy of a text that lives as long as the answers. */
struct pn_str
pn_run_keep(struct pn_asking *asking, struct pn_str text);

#endif
