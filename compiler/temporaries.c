/* Locks show which processes live. */
#define _GNU_SOURCE
#include "compiler/temporaries.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/sizes.h"

/*
 * The lock is on a file that is the process's alone. Others who may read it can lock it
 * too: then it is not taken for abandoned, and that is all.
 */
bool
pn_temporaries_own(int fd)
{
    struct stat st;

    (void)flock(fd, LOCK_EX | LOCK_NB); /* without it the name alone has to do */
    return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

bool
pn_temporaries_name(char *out, size_t size, const char *target, unsigned salt)
{
    struct timespec now;
    int length;

    clock_gettime(CLOCK_REALTIME, &now);
    length = snprintf(out, size, ".%s.%lx%lx%x.tmp", target, (unsigned long)getpid(),
                      (unsigned long)now.tv_nsec, salt);
    return length > 0 && (size_t)length < size;
}

/* Is it a name that pn_temporaries_name() makes of the target? */
static bool
is_temporary(const char *name, const char *target)
{
    size_t size = strlen(target), rest;

    if (name[0] != '.' || strncmp(name + 1, target, size) != 0 || name[size + 1] != '.')
        return false;
    name += size + 2;
    rest = strspn(name, "0123456789abcdef");
    return rest > 0 && strcmp(name + rest, ".tmp") == 0;
}

static void
clear_one(int at, const char *name)
{
    struct stat st;
    int fd =
        openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return; /* it is gone, or not ours */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        st.st_nlink == 1 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        (void)unlinkat(at, name, 0); /* the next run comes by again */
    close(fd);
}

void
pn_temporaries_clear(int at, const char *target)
{
    int saved_errno = errno;
    int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    while (folder && (entry = readdir(folder)))
        if (is_temporary(entry->d_name, target))
            clear_one(at, entry->d_name);
    if (folder)
        closedir(folder);
    else if (fd >= 0)
        close(fd);
    errno = saved_errno;
}
