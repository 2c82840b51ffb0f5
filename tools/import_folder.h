/* A folder that import reads. */
#ifndef PN_TOOLS_IMPORT_FOLDER_H
#define PN_TOOLS_IMPORT_FOLDER_H

#include "tools/import_files.h"
#include "tools/tool.h"

/* Adds the files below a folder, by their names. Returns an enum pn_exit. */
int
pn_import_folder_open(struct pn_import_files *out, struct pn_tool *tool,
                      const char *name);

#endif
