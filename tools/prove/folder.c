/* What is made here lies in a folder that nobody else can enter; it goes in any case.
 */
#define _GNU_SOURCE
#include "tools/prove/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"

enum { FOLDERS_OPEN = 8 };

bool
pn_prove_folder_make(struct pn_prove_folder *folder, uid_t owner, gid_t group)
{
    const char *base = getenv("TMPDIR");
    int size = snprintf(folder->path, sizeof(folder->path), "%s/postern-prove-XXXXXX",
                        base && *base == '/' ? base : "/tmp");

    if (size < 0 || (size_t)size >= sizeof(folder->path)) {
        folder->path[0] = '\0';
        errno = ENAMETOOLONG;
        return false;
    }
    if (!mkdtemp(folder->path)) {
        folder->path[0] = '\0';
        return false;
    }
    return owner == geteuid() || chown(folder->path, owner, group) == 0;
}

static int
one_remove(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void
pn_prove_folder_remove(struct pn_prove_folder *folder)
{
    int before = errno;

    if (folder->path[0])
        (void)nftw(folder->path, one_remove, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
    folder->path[0] = '\0';
    errno = before;
}

void
pn_prove_path(const char *folder, const char *name, char *out)
{
    (void)snprintf(out, PN_PROVE_PATH + 64, "%s/%s", folder, name);
}

bool
pn_prove_write(const char *folder, const char *name, struct pn_str text, mode_t mode)
{
    char path[PN_PROVE_PATH + 64];
    bool done;
    int fd;

    pn_prove_path(folder, name, path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    done = pn_write_all(fd, text.ptr, text.len) && fchmod(fd, mode) == 0;
    return close(fd) == 0 && done;
}

bool
pn_prove_subfolder(const char *folder, const char *name)
{
    char path[PN_PROVE_PATH + 64];

    pn_prove_path(folder, name, path);
    return mkdir(path, 0700) == 0;
}
