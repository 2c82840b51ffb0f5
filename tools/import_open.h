/* The FILE operands of import, as its importers read them. */
#ifndef PN_TOOLS_IMPORT_OPEN_H
#define PN_TOOLS_IMPORT_OPEN_H

#include "base/arena.h"
#include "interop/import.h"
#include "tools/tool.h"

/* All zero is none. `entries` are those of a folder, or NULL. */
struct pn_import_files {
    struct pn_source *items;
    struct pn_import_entry *entries;
    size_t count, capacity, entry_capacity;
    struct pn_arena *names;
};

/*
 * Opens operands as the importer wants them: as texts, as what sqlite3 says of a
 * database, or as the files of a folder. What goes wrong is reported. Returns an enum
 * pn_exit; clear it in any case.
 */
int
pn_import_files_open(struct pn_import_files *out, struct pn_tool *tool,
                     const struct pn_importer *importer, size_t count, char **names);

void
pn_import_files_clear(struct pn_import_files *files);

/* Adds the files below a folder, by their names. Returns an enum pn_exit. */
int
pn_import_folder_open(struct pn_import_files *out, struct pn_tool *tool,
                      const char *name);

/* Adds a file that is made of nothing yet; NULL without memory. */
struct pn_source *
pn_import_files_add(struct pn_import_files *files);

#endif
