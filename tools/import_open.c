/* A row for each kind of input. */
#include "tools/import_open.h"

#include "base/memory.h"
#include "base/vector.h"
#include "tools/bans_open.h"
#include "tools/input/folders.h"
#include "tools/input/rules_file.h"

struct pn_source *
pn_import_files_add(struct pn_import_files *files)
{
    const struct pn_source none = { .name = NULL };

    return pn_vector_add(&files->items, &files->count, &files->capacity, &none,
                         sizeof(none))
               ? &files->items[files->count - 1]
               : NULL;
}

static int
text_open(struct pn_import_files *out, struct pn_tool *tool, const char *name)
{
    struct pn_source *file = pn_import_files_add(out);

    return file ? pn_text_open(tool, name, file) : pn_tool_fail_memory(tool, name);
}

static int
bans_open(struct pn_import_files *out, struct pn_tool *tool, const char *name)
{
    struct pn_source *file = pn_import_files_add(out);

    return file ? pn_bans_open(tool, name, file) : pn_tool_fail_memory(tool, name);
}

/* A folder, or the database that was made of one. */
static int
folder_open(struct pn_import_files *out, struct pn_tool *tool, const char *name)
{
    if (out->count)
        return pn_tool_fail_of(tool, PN_EXIT_USAGE, name,
                               "one folder, or one database, is wanted");
    if (pn_is_folder(name))
        return pn_import_folder_open(out, tool, name);
    return text_open(out, tool, name);
}

static int (*const openers[])(struct pn_import_files *out, struct pn_tool *tool,
                              const char *name) = {
    [PN_IMPORT_TEXT] = text_open,
    [PN_IMPORT_BYTES] = text_open,
    [PN_IMPORT_BANS] = bans_open,
    [PN_IMPORT_FOLDER] = folder_open,
};

int
pn_import_files_open(struct pn_import_files *out, struct pn_tool *tool,
                     const struct pn_importer *importer, size_t count, char **names)
{
    int status = PN_EXIT_OK;

    for (size_t i = 0; i < count && status == PN_EXIT_OK; i++)
        status = openers[importer->input](out, tool, names[i]);
    return status;
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
