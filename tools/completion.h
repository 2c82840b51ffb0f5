/* What there is to complete, for the writers of each shell's script. */
#ifndef PN_TOOLS_COMPLETION_H
#define PN_TOOLS_COMPLETION_H

#include "base/options.h"
#include "base/output.h"

/* What may stand at a place of a command line. */
enum pn_completes {
    PN_COMPLETES_NOTHING,
    PN_COMPLETES_FILES, /* of the endings, and folders on the way to them */
    PN_COMPLETES_FOLDERS,
    PN_COMPLETES_CHOICES,  /* of the option */
    PN_COMPLETES_CHECKS,   /* codes and names of findings, with commas between */
    PN_COMPLETES_FINDINGS, /* those, and names of diagnostics, one by one */
    PN_COMPLETES_TOPICS,   /* of help */
    PN_COMPLETES_SHELLS
};

struct pn_completed {
    enum pn_completes what;
    const char *endings; /* "rules cdb"; NULL for any file */
};

struct pn_completed
pn_completed_operand(const char *verb);

struct pn_completed
pn_completed_argument(const struct pn_option *option);

/*
 * Calls `take` for each word of CHECKS, FINDINGS, TOPICS or SHELLS, and what it stands
 * for, "" when it says so itself.
 */
void
pn_completed_words(enum pn_completes what,
                   void (*take)(void *payload, const char *word, const char *text),
                   void *payload);

/* Writes the script for a shell. */
void
pn_completion_bash(struct pn_output *out);

void
pn_completion_zsh(struct pn_output *out);

void
pn_completion_fish(struct pn_output *out);

/* A text inside of single quotes of any of the shells: what would end them, or means
 * something in a specification of zsh, is left out. */
void
pn_completion_quoted(struct pn_output *out, const char *text);

#endif
