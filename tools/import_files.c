/* A list that grows. */
#include "tools/import_files.h"

#include "base/memory.h"
#include "base/vector.h"

struct pn_source *
pn_import_files_add(struct pn_import_files *files)
{
    const struct pn_source none = { .name = NULL };

    return pn_vector_add(&files->items, &files->count, &files->capacity, &none,
                         sizeof(none))
               ? &files->items[files->count - 1]
               : NULL;
}

void
pn_import_files_clear(struct pn_import_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        pn_source_clear(&files->items[i]);
    pn_free(files->items);
    pn_free(files->entries);
    pn_arena_free(files->names);
    *files = (struct pn_import_files){ .items = NULL };
}
