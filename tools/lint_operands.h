/* The operands of postern lint: each file once, with the settings of its own folder. */
#ifndef PN_TOOLS_LINT_OPERANDS_H
#define PN_TOOLS_LINT_OPERANDS_H

#include "tools/lint_config.h"
#include "tools/lint_defaults.h"
#include "tools/lint_watch.h"

/* Settings that operands share: those of one .postern, or of none. */
struct pn_lint_settings {
    struct pn_words words; /* ours; the config points into them */
    char **moved;          /* ours: the same words, which the parser moves */
    struct pn_lint_config config;
    struct pn_lint_setup setup; /* points into the config, and to itself */
    int reading;                /* what was wrong with the .postern, and */
    int status;                 /* of reading all of them; what is wrong was reported */
};

struct pn_lint_operand {
    char *name, *tests;                /* ours; tests NULL: there can be none */
    struct pn_lint_settings *settings; /* of the operands they are in */
    int status;                        /* why there is nothing to be said of it */
    bool read;                         /* it was looked at */
};

/* Stands still while it is used: operands point to settings. */
struct pn_lint_operands {
    struct pn_tool *tool;
    struct pn_watched *watched; /* the caller's, */
    struct pn_notices *notices; /* and these */
    const struct pn_words *run; /* the words of all: POSTERN_OPTS, the command line */
    const struct pn_lint_config *config; /* what they say */
    struct pn_lint_operand *items;
    size_t count, capacity;
    struct pn_lint_settings **settings; /* each in memory of its own */
    size_t setting_count, setting_capacity;
};

/*
 * Makes the operands of a run, of which `names` are the files: a file that is
 * named twice, by whatever names, is one, and a file of tests is its rules where these
 * are there. Faults of a .postern are reported, and are the status of its operands.
 * False without memory; clear it in any case.
 */
bool
pn_lint_operands_make(struct pn_lint_operands *out, int count, char **names);

void
pn_lint_operands_clear(struct pn_lint_operands *operands);

#endif
