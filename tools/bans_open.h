/* The database of fail2ban, as the program sqlite3 reads it. */
#ifndef PN_TOOLS_BANS_OPEN_H
#define PN_TOOLS_BANS_OPEN_H

#include "tools/tool.h"

/*
 * Reads the bans that hold now, as the array of JSON that `sqlite3 -json` prints: each
 * an object with jail, ip and ends (0: never). The database is opened for reading, and
 * ten seconds are given. Returns an enum pn_exit; clear *out in any case.
 */
int
pn_bans_open(struct pn_tool *tool, const char *name, struct pn_source *out);

#endif
