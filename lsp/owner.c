/*
 * The policy that a file is a part of, though nobody has opened it: rule files of the
 * workspace are looked through for an include or a list that leads to the file, and for
 * what includes that one. So many and no more: it is done while somebody waits.
 */
#define _GNU_SOURCE /* memmem */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"
#include "grammar/parse.h"
#include "lsp/links.h"
#include "lsp/root.h"

enum {
    DEPTH_MAX = 8,
    ENTRIES_MAX = 20000,
    FILES_MAX = 2000,
    FILE_SIZE_MAX = 4 << 20,
    BYTES_MAX = 32 << 20
};

static const char ending[] = ".rules";

/* Rule files that may be policies. */
struct candidates {
    char **paths;
    size_t count, capacity;
    size_t entries; /* of folders, looked at */
    size_t bytes;   /* of texts, likewise */
};

/* Takes a path over. */
static void
candidate_add(struct candidates *c, char *path)
{
    if (!path || c->count == FILES_MAX ||
        !pn_vector_add(&c->paths, &c->count, &c->capacity, &path, sizeof(char *)))
        pn_free(path);
}

static char *
path_below(const char *folder, const char *name)
{
    struct pn_buffer path = { 0 };

    pn_buffer_add_format(&path, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
    pn_buffer_add(&path, "", 1);
    if (path.failed)
        pn_buffer_free(&path);
    return path.bytes;
}

static bool
ends_well(const char *name)
{
    size_t size = strlen(name);

    return size > sizeof(ending) - 1 &&
           strcmp(name + size - (sizeof(ending) - 1), ending) == 0;
}

/* What lies in a folder, but for what a dot hides; no link to a folder is followed. */
static void
folder_look(struct candidates *c, const char *folder, unsigned depth)
{
    int fd = pn_files_open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (fd >= 0 && !dir)
        close(fd);
    while (dir && (entry = readdir(dir)) && c->entries++ < ENTRIES_MAX) {
        struct stat st;

        if (entry->d_name[0] == '.' ||
            fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (S_ISREG(st.st_mode) && ends_well(entry->d_name))
            candidate_add(c, path_below(folder, entry->d_name));
        else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
            char *below = path_below(folder, entry->d_name);

            if (below)
                folder_look(c, below, depth + 1);
            pn_free(below);
        }
    }
    if (dir)
        closedir(dir);
}

static int
by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Those that are open come first, then those of the folders by their names. */
static void
candidates_collect(const struct pn_lsp *server, struct candidates *c)
{
    size_t opened;

    for (size_t i = 0; i < server->documents.count; i++)
        if (!server->documents.items[i]->is_list)
            candidate_add(c, pn_strdup(server->documents.items[i]->path));
    opened = c->count;
    for (size_t i = 0; i < server->folder_count; i++)
        if (!server->folders[i].is_extra)
            folder_look(c, server->folders[i].path, 0);
    if (c->count > opened)
        qsort(c->paths + opened, c->count - opened, sizeof(*c->paths), by_text);
}

/* Does an include or a list lead to a place? */
static bool
leads_to(const struct pn_tree *tree, const char *path, const struct pn_node *node,
         const char *place, unsigned depth)
{
    bool leads = false;

    if (node->kind == PN_NODE_INCLUDE || node->kind == PN_NODE_LIST) {
        struct pn_buffer named = { 0 };
        char *real = pn_link_path(tree, path, node, &named)
                         ? pn_documents_place(named.bytes)
                         : NULL;

        leads = real && strcmp(real, place) == 0;
        pn_free(real);
        pn_buffer_free(&named);
    }
    for (const struct pn_node *child = node->children.head; child && !leads && depth;
         child = child->next)
        leads = leads_to(tree, path, child, place, depth - 1);
    return leads;
}

static bool
text_leads_to(const struct pn_source *source, const char *path, const char *place)
{
    enum { DEPTH = 3 };
    struct pn_diags none = { 0 };
    struct pn_arena *arena = pn_arena_new();
    struct pn_tree tree = { 0 };
    bool leads = arena && pn_parse_tree(source, PN_EXTENDED, &none, arena, &tree) &&
                 leads_to(&tree, path, tree.file, place, DEPTH);

    pn_free(tree.tokens);
    pn_arena_free(arena);
    pn_diags_clear(&none);
    return leads;
}

/* Does a candidate read the file at a place? Only extended ones read others, and those
 * name it. */
static bool
reads_place(struct pn_lsp *server, struct candidates *c, const char *path,
            const char *place)
{
    const char *name = strrchr(place, '/') + 1;
    struct pn_source source = { 0 };
    bool reads = false;

    if (c->bytes > BYTES_MAX ||
        !pn_documents_read(&server->documents, path, FILE_SIZE_MAX, &source))
        return false;
    c->bytes += source.size;
    if (memmem(source.text, source.size, name, strlen(name)) &&
        pn_dialect_of(&source, NULL) == PN_EXTENDED && pn_source_index(&source))
        reads = text_leads_to(&source, path, place);
    pn_source_clear(&source);
    return reads;
}

/* The candidate that reads the file at a place, or NULL. */
static const char *
reader_of(struct pn_lsp *server, struct candidates *c, const char *place)
{
    for (size_t i = 0; i < c->count; i++) {
        char *ours = pn_documents_place(c->paths[i]);
        bool reads = ours && strcmp(ours, place) != 0 &&
                     reads_place(server, c, c->paths[i], place);

        pn_free(ours);
        if (reads)
            return c->paths[i];
    }
    return NULL;
}

char *
pn_lsp_owner(struct pn_lsp *server, const char *path)
{
    struct candidates c = { 0 };
    char *place = pn_documents_place(path);
    const char *owner = NULL, *next;
    char *copy;

    candidates_collect(server, &c);
    for (unsigned depth = 0; place && depth < PN_UNIT_DEPTH_MAX; depth++) {
        next = reader_of(server, &c, place);
        if (!next)
            break;
        owner = next;
        pn_free(place);
        place = pn_documents_place(next);
    }
    copy = owner ? pn_strdup(owner) : NULL;
    pn_free(place);
    for (size_t i = 0; i < c.count; i++)
        pn_free(c.paths[i]);
    pn_free(c.paths);
    return copy;
}
