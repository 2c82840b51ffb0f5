/* A run script or unit of tcpserver with other paths in it, and nothing else changed.
 */
#ifndef PN_TOOLS_ADOPT_SCRIPT_H
#define PN_TOOLS_ADOPT_SCRIPT_H

#include "base/buffer.h"

/* What is put in the place of what. */
struct pn_script_edit {
    const char *rules, *new_rules;    /* what stands behind -x */
    const char *program, *new_server; /* "tcpserver", by whatever path */
};

/*
 * Appends the script with its rules and its program exchanged, outside of remarks.
 * False, with nothing appended, when the rules are not written out in it.
 */
bool
pn_script_edit(struct pn_str text, const struct pn_script_edit *edit,
               struct pn_buffer *out);

/* Does a command of it change the folder, so that relative paths are others? */
bool
pn_script_moves(struct pn_str text);

/*
 * Appends a word as /bin/sh reads it back, in quotes where it has to be. False when it
 * has a byte that no line should have.
 */
bool
pn_script_word_add(struct pn_buffer *out, struct pn_str word);

#endif
