/*
 * Nothing is waited for and nothing is followed out of ROOT: a path is first looked at
 * (O_PATH), so that no FIFO and no device is ever opened.
 */
#define _GNU_SOURCE /* O_PATH */
#include "tools/adopt_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/vector.h"

bool
pn_adopt_look(struct pn_adopt *adopt, const char *path, struct pn_adopt_identity *out)
{
    int fd = pn_inside_open(adopt->folder, path, O_PATH | O_CLOEXEC);
    struct stat st;
    bool good = fd >= 0 && fstat(fd, &st) == 0;
    int saved_errno = errno;

    if (fd >= 0)
        close(fd);
    if (good)
        *out = (struct pn_adopt_identity){ st.st_dev, st.st_ino, st.st_mode };
    errno = saved_errno;
    return good;
}

static bool
is_missing(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

bool
pn_adopt_is_absent(struct pn_adopt *adopt, const char *path)
{
    struct pn_adopt_identity identity;

    return !pn_adopt_look(adopt, path, &identity) && is_missing(errno);
}

int
pn_adopt_open(struct pn_adopt *adopt, const char *path)
{
    struct pn_adopt_identity identity;
    int fd = -1;

    if (!pn_adopt_look(adopt, path, &identity)) {
        if (!is_missing(errno))
            pn_adopt_error(adopt, path, 0, "%s", strerror(errno));
        return -1;
    }
    if (!S_ISREG(identity.mode)) {
        pn_adopt_error(adopt, path, 0, "Not a regular file");
        return -1;
    }
    fd = pn_inside_open(adopt->folder, path,
                        O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        pn_adopt_error(adopt, path, 0, "%s", strerror(errno));
    else if (pn_files_is_of_kernel(fd)) {
        pn_adopt_error(adopt, path, 0, "Not a regular file");
        close(fd);
        fd = -1;
    }
    return fd;
}

bool
pn_adopt_read(struct pn_adopt *adopt, const char *path, size_t limit,
              struct pn_source *out)
{
    int fd = pn_adopt_open(adopt, path);
    struct stat st;
    bool good = fd >= 0;

    *out = (struct pn_source){ 0 };
    if (!good)
        return false;
    errno = EFBIG; /* a file with holes has no end that anybody waits for */
    good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
           (uint64_t)st.st_size <= limit && pn_source_read(out, path, fd, limit);
    if (!good && errno == ENOMEM)
        adopt->failed = true;
    else if (!good && errno == EFBIG)
        pn_adopt_error(adopt, path, 0, "longer than the %zu MiB that are read",
                       limit >> 20);
    else if (!good)
        pn_adopt_error(adopt, path, 0, "%s", pn_files_error(errno));
    close(fd);
    return good;
}

static int
compare_names(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

static void
names_fill(struct pn_adopt *adopt, DIR *folder, const char *path,
           struct pn_adopt_names *out)
{
    const struct dirent *entry;

    while (!adopt->failed && (entry = readdir(folder))) {
        const char *name;

        if (entry->d_name[0] == '.')
            continue;
        if (out->count == PN_ADOPT_NAMES_MOST) {
            pn_adopt_error(adopt, path, 0, "more than %d files: the rest is left out",
                           PN_ADOPT_NAMES_MOST);
            break;
        }
        name = pn_adopt_text(adopt, "%s", entry->d_name);
        adopt->failed |= !pn_vector_add(&out->items, &out->count, &out->capacity, &name,
                                        sizeof(name));
    }
    if (out->count)
        qsort(out->items, out->count, sizeof(*out->items), compare_names);
}

bool
pn_adopt_names_read(struct pn_adopt *adopt, const char *path,
                    struct pn_adopt_names *out)
{
    int fd = pn_inside_open(adopt->folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;

    *out = (struct pn_adopt_names){ 0 };
    if (!folder) {
        adopt->failed |= errno == ENOMEM;
        if (!is_missing(errno))
            pn_adopt_error(adopt, path, 0, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    names_fill(adopt, folder, path, out);
    closedir(folder);
    return true;
}
