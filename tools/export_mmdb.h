/* A policy as a MaxMind DB: what is said of every address, and what could change it. */
#ifndef PN_TOOLS_EXPORT_MMDB_H
#define PN_TOOLS_EXPORT_MMDB_H

#include "tools/export.h"

/* Writes it to standard output, which is no terminal. Returns an enum pn_exit. */
int
pn_export_mmdb(struct pn_tool *tool, const struct pn_common *common, const char *name);

#endif
