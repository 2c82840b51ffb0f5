/* mkdir of a name of our own, and a rename that replaces nothing. */
#define _GNU_SOURCE /* renameat2, O_PATH */
#include "tools/fresh_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/vector.h"

enum { TRIES = 100, NAME_SIZE = 64 };

/* The path up to the last part, and that; false for a path that has none. */
static bool
path_cut(const char *path, char **parent, char **name)
{
    size_t len = strlen(path), front;

    while (len > 1 && path[len - 1] == '/')
        len--;
    for (front = len; front && path[front - 1] != '/';)
        front--;
    errno = EINVAL;
    if (front == len || (len - front == 1 && path[front] == '.') ||
        (len - front == 2 && path[front] == '.' && path[front + 1] == '.'))
        return false;
    *name = pn_strndup(path + front, len - front);
    *parent = front ? pn_strndup(path, front) : pn_strdup(".");
    errno = ENOMEM;
    return *name && *parent;
}

static bool
temporary_make(struct pn_fresh_folder *out)
{
    struct timespec now;

    out->temporary = pn_malloc(NAME_SIZE);
    errno = ENOMEM;
    for (unsigned i = 0; out->temporary && i < TRIES; i++) {
        clock_gettime(CLOCK_REALTIME, &now);
        (void)snprintf(out->temporary, NAME_SIZE, ".adopt.%lx%lx%x.tmp", (long)getpid(),
                       (long)now.tv_nsec, i);
        if (mkdirat(out->parent, out->temporary, 0777) == 0)
            return true;
        if (errno != EEXIST)
            break;
    }
    pn_free(out->temporary);
    out->temporary = NULL;
    return false;
}

bool
pn_fresh_folder_begin(struct pn_fresh_folder *out, const char *path)
{
    char *parent = NULL;
    struct stat st;
    bool good;

    *out = PN_FRESH_FOLDER_NONE;
    good = path_cut(path, &parent, &out->name);
    if (good)
        out->parent = pn_files_open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    good = good && out->parent >= 0;
    if (good) {
        good = fstatat(out->parent, out->name, &st, AT_SYMLINK_NOFOLLOW) != 0;
        errno = good ? errno : EEXIST;
        good = good && errno == ENOENT;
    }
    if (good)
        good = temporary_make(out);
    if (good) {
        out->at = openat(out->parent, out->temporary,
                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        good = out->at >= 0;
    }
    pn_free(parent);
    return good;
}

/* Before it is made, so that it is removed in any case. */
static bool
made_add(struct pn_fresh_folder *folder, const char *path)
{
    char *copy = pn_strdup(path);

    if (copy && pn_vector_add(&folder->made, &folder->count, &folder->capacity, &copy,
                              sizeof(copy)))
        return true;
    pn_free(copy);
    errno = ENOMEM;
    return false;
}

bool
pn_fresh_folder_make(struct pn_fresh_folder *folder, const char *path)
{
    return made_add(folder, path) && mkdirat(folder->at, path, 0777) == 0;
}

bool
pn_fresh_folder_put(struct pn_fresh_folder *folder, const char *path,
                    struct pn_str text, mode_t mode)
{
    int fd, saved_errno;
    bool good;

    if (!made_add(folder, path))
        return false;
    fd = openat(folder->at, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                mode);
    good = fd >= 0 && pn_write_all(fd, text.ptr, text.len) && fsync(fd) == 0;
    saved_errno = errno;
    if (fd >= 0 && close(fd) != 0 && good) {
        saved_errno = errno;
        good = false;
    }
    errno = saved_errno;
    return good;
}

bool
pn_fresh_folder_end(struct pn_fresh_folder *folder)
{
    if (fsync(folder->at) != 0 ||
        renameat2(folder->parent, folder->temporary, folder->parent, folder->name,
                  RENAME_NOREPLACE) != 0)
        return false;
    pn_free(folder->temporary);
    folder->temporary = NULL;
    return fsync(folder->parent) == 0;
}

void
pn_fresh_folder_clear(struct pn_fresh_folder *folder)
{
    int saved_errno = errno;

    for (size_t i = folder->count; i-- > 0;) {
        if (folder->temporary && unlinkat(folder->at, folder->made[i], 0) != 0)
            (void)unlinkat(folder->at, folder->made[i], AT_REMOVEDIR);
        pn_free(folder->made[i]);
    }
    if (folder->temporary)
        (void)unlinkat(folder->parent, folder->temporary, AT_REMOVEDIR);
    if (folder->at >= 0)
        close(folder->at);
    if (folder->parent >= 0)
        close(folder->parent);
    pn_free(folder->made);
    pn_free(folder->name);
    pn_free(folder->temporary);
    *folder = PN_FRESH_FOLDER_NONE;
    errno = saved_errno;
}
