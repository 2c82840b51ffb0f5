/* A row for each kind of input. */
#include "tools/import_open.h"

#include "tools/bans_open.h"
#include "tools/import_folder.h"
#include "tools/input/folders.h"
#include "tools/input/rules_file.h"

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
