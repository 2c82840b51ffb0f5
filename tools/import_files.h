/* The files that import reads. */
#ifndef PN_TOOLS_IMPORT_FILES_H
#define PN_TOOLS_IMPORT_FILES_H

#include "base/arena.h"
#include "interop/import.h"

/* All zero is none. `entries` are those of a folder, or NULL. */
struct pn_import_files {
    struct pn_source *items;
    struct pn_import_entry *entries;
    size_t count, capacity, entry_capacity;
    struct pn_arena *names;
};

/* Adds a file that is made of nothing yet; NULL without memory. */
struct pn_source *
pn_import_files_add(struct pn_import_files *files);

void
pn_import_files_clear(struct pn_import_files *files);

#endif
