/*
 * The files of a folder of rules, in the order of their names, folder by folder.
 * Whoever may write there may have put anything there: links that lead out, pipes and
 * devices are errors, and nothing is waited for.
 */
#define _GNU_SOURCE /* O_PATH */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"
#include "tools/import_folder.h"

enum {
    DEPTH_MOST = 4,       /* no format goes deeper */
    FILES_MOST = 1 << 20, /* and so many rules nobody has in files */
    FILE_SIZE_MOST = 1 << 20,
    SIZE_MOST = 1 << 28 /* of all of them */
};

struct walk {
    struct pn_import_files *out;
    struct pn_tool *tool;
    const char *name; /* of the folder */
    int root;
    size_t size; /* of what was read */
};

/* The names in a folder, sorted. */
struct names {
    char **items;
    size_t count, capacity;
};

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* A text that lives as long as the files; NULL without memory. */
static char *
path_make(struct walk *walk, const char *front, const char *back)
{
    size_t size = strlen(front), more = strlen(back);
    char *path;

    if (!walk->out->names)
        walk->out->names = pn_arena_new();
    path = walk->out->names ? pn_arena_zalloc(walk->out->names, size + more + 2) : NULL;
    if (!path)
        return NULL;
    memcpy(path, front, size);
    if (size)
        path[size++] = '/';
    memcpy(path + size, back, more);
    return path;
}

static int
fail(struct walk *walk, const char *path, const char *why)
{
    char *whole = path_make(walk, walk->name, path);

    return whole ? pn_tool_fail_of(walk->tool, PN_EXIT_USAGE, whole, why)
                 : pn_tool_fail_memory(walk->tool, walk->name);
}

static int
fail_errno(struct walk *walk, const char *path)
{
    return fail(walk, path,
                errno == EXDEV || errno == ELOOP ? "this link leads out of the folder"
                                                 : pn_files_error(errno));
}

/* Names with a dot in front are passed over, as all readers of such folders do. */
static bool
names_read(int fd, struct names *out)
{
    DIR *folder = fdopendir(fd);
    const struct dirent *row;
    bool well = folder;

    if (!folder)
        close(fd);
    while (well && (errno = 0, row = readdir(folder)) != NULL) {
        char *copy;

        if (row->d_name[0] == '.')
            continue;
        copy = strdup(row->d_name);
        if (out->count == FILES_MOST)
            errno = EFBIG;
        well = copy && out->count < FILES_MOST &&
               pn_vector_add(&out->items, &out->count, &out->capacity, &copy,
                             sizeof(copy));
        if (!well)
            free(copy);
    }
    if (folder)
        closedir(folder);
    if (out->count)
        qsort(out->items, out->count, sizeof(*out->items), compare_names);
    return well;
}

static bool
is_printable(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == 0x7f)
            return false;
    return true;
}

/* What nobody may read is a rule by its mode alone. */
static int
file_read(struct walk *walk, const char *path, const struct stat *st)
{
    const struct pn_import_entry entry = { path, (unsigned)st->st_mode & 07777 };
    struct pn_source *file = pn_import_files_add(walk->out);
    size_t entries = walk->out->count - 1;
    char *whole = path_make(walk, walk->name, path);
    int fd = -1, status = PN_EXIT_OK;

    if (!file || !whole ||
        !pn_vector_add(&walk->out->entries, &entries, &walk->out->entry_capacity,
                       &entry, sizeof(entry)))
        return pn_tool_fail_memory(walk->tool, walk->name);
    if (!(st->st_mode & S_IRUSR)) {
        return pn_source_from_text(file, whole, PN_STR(""))
                   ? PN_EXIT_OK
                   : pn_tool_fail_memory(walk->tool, walk->name);
    }
    fd = pn_beneath_open(walk->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                         0);
    if (fd < 0)
        return fail_errno(walk, path);
    if (!pn_source_read(file, whole, fd, FILE_SIZE_MOST))
        status = fail_errno(walk, path);
    close(fd);
    walk->size += file->size;
    return status;
}

static int
folder_walk(struct walk *walk, const char *path, unsigned depth);

static int
entry_walk(struct walk *walk, const char *path, const char *name, unsigned depth)
{
    char *below = path_make(walk, path, name);
    struct stat st;
    int fd;

    if (!below)
        return pn_tool_fail_memory(walk->tool, walk->name);
    if (!is_printable(name))
        return fail(walk, path, "there is a file in it whose name is not printable");
    if (walk->out->count == FILES_MOST || walk->size > SIZE_MOST)
        return fail(walk, below, "there is more in the folder than is read");
    fd = pn_beneath_open(walk->root, below, O_PATH | O_CLOEXEC, 0);
    if (fd < 0 || fstat(fd, &st) < 0) {
        int error = errno;

        if (fd >= 0)
            close(fd);
        errno = error;
        return fail_errno(walk, below);
    }
    close(fd);
    if (S_ISDIR(st.st_mode))
        return folder_walk(walk, below, depth + 1);
    return S_ISREG(st.st_mode)
               ? file_read(walk, below, &st)
               : fail(walk, below, "this is no regular file, and is not read");
}

static int
folder_walk(struct walk *walk, const char *path, unsigned depth)
{
    struct names names = { 0 };
    int status = PN_EXIT_OK;
    int fd;

    if (depth > DEPTH_MOST)
        return fail(walk, path, "no rules lie so deep");
    fd = pn_beneath_open(walk->root, *path ? path : ".",
                         O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0 || !names_read(fd, &names))
        status = fail_errno(walk, path);
    for (size_t i = 0; i < names.count && status == PN_EXIT_OK; i++)
        status = entry_walk(walk, path, names.items[i], depth);
    for (size_t i = 0; i < names.count; i++)
        free(names.items[i]);
    pn_free(names.items);
    return status;
}

int
pn_import_folder_open(struct pn_import_files *out, struct pn_tool *tool,
                      const char *name)
{
    struct walk walk = { .out = out, .tool = tool, .name = name };
    int status;

    walk.root = pn_files_open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (walk.root < 0)
        return pn_tool_fail_system(tool, PN_EXIT_USAGE, name);
    status = folder_walk(&walk, "", 0);
    close(walk.root);
    if (status == PN_EXIT_OK && !out->count)
        status = pn_tool_fail_of(tool, PN_EXIT_USAGE, name, "there is no rule in it");
    return status;
}
