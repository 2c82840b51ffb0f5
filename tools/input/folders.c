/* The way down: by git's list of its files, or by the folders themselves. */
#define _GNU_SOURCE /* O_PATH */
#include "tools/input/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"
#include "tools/input/folder_roots.h"
#include "tools/input/git.h"
#include "tools/test_name.h"

enum { DEPTH_MOST = 64, LISTED_MOST = 1 << 28 };

struct way {
    struct pn_tool *tool;
    struct pn_operands *out;
    int status;
    bool without_git; /* it was asked in vain */
};

static void
fail(struct way *way, const char *name)
{
    way->status = pn_tool_fail_system(way->tool, PN_EXIT_USAGE, name);
}

/* The path of what lies in a folder, to be freed; NULL after a report. */
static char *
path_below(struct way *way, const char *folder, const char *name)
{
    struct pn_buffer path = { 0 };

    if (strcmp(folder, ".") != 0)
        pn_buffer_add_text(&path, folder);
    if (path.size && path.bytes[path.size - 1] != '/')
        pn_buffer_add_text(&path, "/");
    pn_buffer_add(&path, name, strlen(name) + 1);
    if (!path.failed)
        return path.bytes;
    pn_buffer_free(&path);
    errno = ENOMEM;
    fail(way, folder);
    return NULL;
}

/* Takes a name over. */
static void
name_take(struct way *way, char *name)
{
    struct pn_operands *out = way->out;

    if (name &&
        !pn_vector_add(&out->names, &out->count, &out->capacity, &name, sizeof(name))) {
        free(name);
        errno = ENOMEM;
        fail(way, way->tool->verb->name);
    }
}

/* What an entry is, without following a link; 0 when it is there no more. */
static mode_t
kind_of(const char *path)
{
    int fd = pn_files_open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    struct stat st;
    mode_t kind = 0;

    if (fd < 0)
        return 0;
    if (fstat(fd, &st) == 0)
        kind = st.st_mode & S_IFMT;
    close(fd);
    if (kind == S_IFLNK && pn_files_stat(path, &st) && S_ISREG(st.st_mode))
        kind = S_IFREG; /* a file by another name; a link to a folder stays one */
    return kind;
}

static bool
is_hidden(const char *path)
{
    for (const char *name = path; name; name = strchr(name, '/')) {
        name += *name == '/';
        if (*name == '.')
            return true;
    }
    return false;
}

static void
folder_walk(struct way *way, const char *folder, unsigned depth);

/* An entry by its path below the folder that it was found from. */
static void
entry_take(struct way *way, const char *folder, const char *name, unsigned depth)
{
    char *path = is_hidden(name) ? NULL : path_below(way, folder, name);
    mode_t kind = path ? kind_of(path) : 0;

    if (kind == S_IFREG && pn_name_ends_in(path, PN_RULES_END)) {
        name_take(way, path);
        return;
    }
    if (kind == S_IFDIR)
        folder_walk(way, path, depth + 1);
    free(path);
}

static int
by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The folder itself, where no git tells of it. */
static void
folder_read(struct way *way, const char *folder, unsigned depth)
{
    int fd = pn_files_open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct pn_operands entries = { 0 };
    struct way names = { way->tool, &entries, PN_EXIT_OK, true };

    if (!dir) {
        fail(way, folder);
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir)) && names.status == PN_EXIT_OK;)
        if (entry->d_name[0] != '.')
            name_take(&names, path_below(&names, ".", entry->d_name));
    closedir(dir);
    if (entries.count)
        qsort(entries.names, entries.count, sizeof(*entries.names), by_name);
    for (size_t i = 0; i < entries.count && way->status == PN_EXIT_OK; i++)
        entry_take(way, folder, entries.names[i], depth);
    way->status = names.status > way->status ? names.status : way->status;
    pn_operands_clear(&entries);
}

/*
 * Is git to be asked about a folder? Where there is a repository; confined by --root
 * only of the one that we are in, for that is the one that was looked at.
 */
static bool
is_of_git(const char *folder)
{
    char *top = pn_files_real(folder), *ours = pn_files_real(".");
    struct pn_buffer mark = { 0 };
    struct stat st;
    bool is = false;

    if (top && ours) {
        pn_files_repository(top);
        pn_files_repository(ours);
        pn_buffer_add_format(&mark, "%s/.git", top);
        pn_buffer_add(&mark, "", 1);
        is = !mark.failed && pn_files_stat(mark.bytes, &st) &&
             (!pn_files_root() || strcmp(top, ours) == 0);
    }
    pn_buffer_free(&mark);
    free(top);
    free(ours);
    return is;
}

/* Once for a run. */
static void
silence_tell(struct way *way, const char *folder, const char *said)
{
    way->without_git = true;
    pn_output_format(&way->tool->err, "postern %s: ", way->tool->verb->name);
    pn_output_text(&way->tool->err, folder);
    pn_output_text(&way->tool->err, ": git does not tell what it ignores: ");
    pn_output_text(&way->tool->err, said);
    pn_output_text(&way->tool->err, "\n");
}

/* By the list of what git follows, or would; false when git does not tell. */
static bool
folder_ask(struct way *way, const char *folder, unsigned depth)
{
    const char *const words[] = { "git", "-C",       folder,     "ls-files",
                                  "-z",  "--cached", "--others", "--exclude-standard",
                                  "--",  ".",        NULL };
    char said[PN_GIT_SAID_SIZE];
    struct pn_buffer list = { 0 };
    const char *last = "";
    int status = pn_git_run(words, LISTED_MOST, &list, said);

    if (status != 0)
        silence_tell(way, folder, *said ? said : strerror(errno));
    pn_buffer_add(&list, "", 1);
    for (size_t at = 0, len = 0;
         status == 0 && !list.failed && at < list.size && way->status == PN_EXIT_OK;
         at += len + 1) {
        char *name = list.bytes + at;

        len = strlen(name);
        if (len && name[len - 1] == '/') /* another repository */
            name[len - 1] = '\0';
        if (*name && strcmp(name, last) != 0) /* in a merge it has several stages */
            entry_take(way, folder, name, depth);
        last = name;
    }
    pn_buffer_free(&list);
    return status == 0;
}

static void
folder_walk(struct way *way, const char *folder, unsigned depth)
{
    if (depth > DEPTH_MOST)
        way->status = pn_tool_fail_of(way->tool, PN_EXIT_USAGE, folder,
                                      "folders lie too deep here");
    else if (way->without_git || !is_of_git(folder) || !folder_ask(way, folder, depth))
        folder_read(way, folder, depth);
}

bool
pn_is_folder(const char *name)
{
    struct stat st;

    return strcmp(name, "-") != 0 && pn_files_stat(name, &st) && S_ISDIR(st.st_mode);
}

static void
operand_add(struct way *way, const char *name, enum pn_operands_kind kind)
{
    size_t before = way->out->count;

    if (!pn_is_folder(name)) {
        name_take(way, strdup(name));
        return;
    }
    folder_walk(way, name, 0);
    if (way->status == PN_EXIT_OK && way->out->count == before)
        way->status = pn_tool_fail_of(way->tool, PN_EXIT_USAGE, name,
                                      "no rule file, *.rules, lies below this folder");
    if (way->out->count > before)
        qsort(way->out->names + before, way->out->count - before,
              sizeof(*way->out->names), by_name);
    if (kind == PN_OPERANDS_POLICIES && way->status == PN_EXIT_OK &&
        !pn_roots_keep(way->out->names, before, &way->out->count))
        way->status = pn_tool_fail_memory(way->tool, name);
}

int
pn_operands_make(struct pn_operands *out, struct pn_tool *tool, int count, char **names,
                 enum pn_operands_kind kind)
{
    struct way way = { tool, out, PN_EXIT_OK, false };
    char *end = NULL;

    *out = (struct pn_operands){ 0 };
    for (int i = 0; i < count && way.status == PN_EXIT_OK; i++)
        operand_add(&way, names[i], kind);
    if (way.status == PN_EXIT_OK) {
        if (!pn_vector_add(&out->names, &out->count, &out->capacity, &end, sizeof(end)))
            way.status = pn_tool_fail_memory(tool, tool->verb->name);
        else
            out->count--; /* what ends the list is no name */
    }
    return way.status;
}

void
pn_operands_clear(struct pn_operands *operands)
{
    for (size_t i = 0; i < operands->count; i++)
        free(operands->names[i]);
    pn_free(operands->names);
    *operands = (struct pn_operands){ 0 };
}
