/* A policy as a MaxMind DB: what is said of every address, and what could change it. */
#ifndef PN_TOOLS_EXPORT_MMDB_H
#define PN_TOOLS_EXPORT_MMDB_H

#include "tools/export.h"

/* Of struct pn_whole_target: to standard output, which is no terminal. It refuses
 * nothing. */
int
pn_export_mmdb(struct pn_tool *tool, const struct pn_common *common, const char *name,
               bool *is_refused);

#endif
