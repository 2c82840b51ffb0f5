/* What a caller says of a run of the linter, in words: checks and networks. */
#ifndef PN_ANALYSIS_LINT_SETTINGS_H
#define PN_ANALYSIS_LINT_SETTINGS_H

#include "analysis/lint/checks.h"
#include "analysis/lint/options.h"

struct pn_check_choice {
    const char *only;   /* names, codes or P4 with commas between; NULL: all */
    const char *ignore; /* likewise; NULL: none */
    bool strict;        /* those too that are off by default */
};

/* Cuts the next name off a list of them, with commas or blanks between; false when
 * there is none left. */
bool
pn_checks_word(struct pn_str *rest, struct pn_str *word);

/*
 * Chooses the checks that are on. What cannot be read is never passed over. False for a
 * word that is no name of a check: `unknown` is that word then.
 */
bool
pn_checks_choose(bool on[PN_CHECK_NONE], const struct pn_check_choice *choice,
                 struct pn_str *unknown);

/* Networks that count as trusted; all zero is empty. */
struct pn_trusted {
    struct pn_network *items;
    size_t count, capacity;
    bool failed; /* out of memory */
};

/* The private ones and those of this machine, which are trusted unless told. */
bool
pn_trusted_begin(struct pn_trusted *out);

/* Adds networks with commas or blanks between; false for a word that is none. */
bool
pn_trusted_add(struct pn_trusted *trusted, const char *list);

void
pn_trusted_clear(struct pn_trusted *trusted);

/* Names of variables that give a client rights; all zero is empty. */
struct pn_privileged {
    char *text;         /* cut at its commas */
    const char **names; /* in the text, and NULL at the end */
};

/*
 * Reads names with commas or blanks between; NULL: the variable that a mail server
 * relays for. False without memory; clear it in any case.
 */
bool
pn_privileged_read(struct pn_privileged *out, const char *list);

void
pn_privileged_clear(struct pn_privileged *privileged);

#endif
