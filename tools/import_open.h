/* The FILE operands of import, as its importers read them. */
#ifndef PN_TOOLS_IMPORT_OPEN_H
#define PN_TOOLS_IMPORT_OPEN_H

#include "tools/import_files.h"
#include "tools/tool.h"

/*
 * Opens operands as the importer wants them: as texts, as what sqlite3 says of a
 * database, or as the files of a folder. What goes wrong is reported. Returns an enum
 * pn_exit; clear it in any case.
 */
int
pn_import_files_open(struct pn_import_files *out, struct pn_tool *tool,
                     const struct pn_importer *importer, size_t count, char **names);

#endif
