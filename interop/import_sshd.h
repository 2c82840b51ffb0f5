/* The address rules of sshd_config(5). */
#ifndef PN_INTEROP_IMPORT_SSHD_H
#define PN_INTEROP_IMPORT_SSHD_H

#include "interop/import.h"

/* Does the file say from where somebody may log in: USER@HOST, or Match Address? */
bool
pn_sshd_has_rules(const struct pn_source *file);

/*
 * Imports who may log in at all, as whichever user: DenyUsers, then AllowUsers. A rule
 * for one user says nothing of an address, and is told of.
 */
void
pn_sshd_import(struct pn_import *import);

#endif
