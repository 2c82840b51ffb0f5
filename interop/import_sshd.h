/* The address rules of sshd_config(5). */
#ifndef PN_INTEROP_IMPORT_SSHD_H
#define PN_INTEROP_IMPORT_SSHD_H

#include "interop/import.h"

/* Does the file tell clients apart: USER@HOST, Match Address, or Match Host? */
bool
pn_sshd_has_rules(const struct pn_source *file);

/* Files that a file includes, as it names them. */
struct pn_sshd_includes {
    struct pn_import_lines lines; /* its number is that of the line */
    struct pn_str rest;
    bool is_matched; /* for some connections: a Match stands in front */
};

struct pn_sshd_includes
pn_sshd_includes_of(const struct pn_source *file);

/* The next name or pattern of names; false at the end. */
bool
pn_sshd_include_next(struct pn_sshd_includes *includes, struct pn_str *pattern);

/*
 * Imports who may log in at all, as whichever user: DenyUsers, then AllowUsers, of all
 * files. A rule for one user says nothing of an address, and is told of, and so is each
 * Match of clients.
 */
void
pn_sshd_import(struct pn_import *import);

#endif
