/* What lies beneath the folders of the workspace, and those of the user's, is read. */
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/uri.h"
#include "base/vector.h"
#include "lsp/server.h"

/* The path of a folder, by its URI or, of the user's, by its path; to be freed. */
static char *
folder_path(struct pn_str name)
{
    struct pn_buffer path = { 0 };

    if (name.len && name.ptr[0] == '/' && !pn_str_has(name, '\0')) {
        pn_buffer_add_str(&path, name);
        pn_buffer_add(&path, "", 1);
        if (!path.failed)
            pn_path_tidy(path.bytes + 1);
    } else if (!pn_uri_path(name, &path))
        pn_buffer_free(&path);
    if (path.failed)
        pn_buffer_free(&path);
    return path.bytes;
}

bool
pn_lsp_folder_add(struct pn_lsp *server, struct pn_str uri, bool is_extra)
{
    struct pn_lsp_folder folder = { folder_path(uri), is_extra };

    if (!folder.path)
        return false;
    if (pn_vector_add(&server->folders, &server->folder_count, &server->folder_capacity,
                      &folder, sizeof(folder)))
        return true;
    pn_free(folder.path);
    return false;
}

void
pn_lsp_folder_remove(struct pn_lsp *server, struct pn_str uri)
{
    char *path = folder_path(uri);

    for (size_t i = 0; path && i < server->folder_count; i++)
        if (!server->folders[i].is_extra &&
            strcmp(server->folders[i].path, path) == 0) {
            pn_free(server->folders[i].path);
            memmove(server->folders + i, server->folders + i + 1,
                    (server->folder_count - i - 1) * sizeof(*server->folders));
            server->folder_count--;
            break;
        }
    pn_free(path);
}

static bool
has_workspace(const struct pn_lsp *server)
{
    for (size_t i = 0; i < server->folder_count; i++)
        if (!server->folders[i].is_extra)
            return true;
    return false;
}

/* The folder that a file lies in, to be freed. */
static char *
folder_of(const char *path)
{
    size_t size = (size_t)(strrchr(path, '/') - path);

    return pn_strndup(path, size ? size : 1);
}

/*
 * Without a workspace a file that is opened is one of its own, with its folder: else
 * nothing that it names could be read.
 */
void
pn_lsp_folders_apply(struct pn_lsp *server)
{
    bool alone = !has_workspace(server);
    size_t most = server->folder_count + (alone ? server->documents.count : 0);
    char **opened = pn_calloc(most + 1, sizeof(*opened));
    const char **names = pn_calloc(most + 1, sizeof(*names));
    size_t count = 0, made = 0;
    bool good = opened && names;

    for (size_t i = 0; good && i < server->folder_count; i++)
        names[count++] = server->folders[i].path;
    for (size_t i = 0; good && alone && i < server->documents.count; i++) {
        opened[made] = folder_of(server->documents.items[i]->path);
        if (opened[made])
            names[count++] = opened[made++];
    }
    if (!good || !pn_files_confine_to(names, count))
        pn_lsp_complain(server, "there is no memory");
    for (size_t i = 0; opened && i < made; i++)
        pn_free(opened[i]);
    pn_free(opened);
    pn_free(names);
}

void
pn_lsp_folders_clear(struct pn_lsp *server)
{
    for (size_t i = 0; i < server->folder_count; i++)
        pn_free(server->folders[i].path);
    pn_free(server->folders);
    server->folders = NULL;
    server->folder_count = server->folder_capacity = 0;
}
