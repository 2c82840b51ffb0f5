/* Temporary files, locks, and the rename that makes a new image live. */
#define _GNU_SOURCE /* O_PATH, renameat2 */
#include "compiler/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/files.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/sizes.h"
#include "compiler/temporaries.h"

enum { LOCK_TRIES = 600, LOCK_PAUSE_MS = 50, NAME_TRIES = 100, REOPEN_TRIES = 100 };

/*
 * Waits for half a minute at most: a lock that is held longer is reported as an error.
 */
static bool
lock(int fd)
{
    static const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };

    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        nanosleep(&pause, NULL);
    }
    errno = EBUSY;
    return false;
}

/* The folder of a path, in memory of its own: "." when the path names none. */
static char *
folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return pn_strdup(".");
    return pn_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static bool
begin(struct pn_atomic *out, const char *target)
{
    *out = (struct pn_atomic){ .fd = -1, .at = -1 };
    out->folder = folder_of(target);
    return out->folder != NULL;
}

/* The folder may be written without being readable. */
static bool
folder_open(struct pn_atomic *atomic)
{
    atomic->at = pn_files_open(atomic->folder, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    return atomic->at >= 0;
}

/* A path in the folder, as it is from there. */
static const char *
name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Does the name still lead to the file that is open? */
static bool
still_named(const char *path, const struct stat *open_file)
{
    struct stat named;

    return pn_files_stat(path, &named) && named.st_dev == open_file->st_dev &&
           named.st_ino == open_file->st_ino;
}

static bool
is_input(const struct stat *st, int input_fd)
{
    struct stat input;

    return fstat(input_fd, &input) == 0 && input.st_dev == st->st_dev &&
           input.st_ino == st->st_ino;
}

/* One try: open, look, lock, look again. *again is set when the name has moved on. */
static enum pn_atomic_result
named_try(struct pn_atomic *atomic, int input_fd, bool *again)
{
    struct stat st;

    *again = false;
    atomic->fd = pn_files_open(atomic->temporary,
                               O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0644);
    if (atomic->fd < 0 || fstat(atomic->fd, &st) < 0)
        return PN_ATOMIC_SYSTEM;
    if (!S_ISREG(st.st_mode))
        return PN_ATOMIC_SPECIAL;
    if (is_input(&st, input_fd))
        return PN_ATOMIC_INPUT;
    if (!lock(atomic->fd))
        return PN_ATOMIC_SYSTEM;
    *again = !still_named(atomic->temporary, &st);
    return PN_ATOMIC_OK;
}

enum pn_atomic_result
pn_atomic_open_named(struct pn_atomic *out, const char *target, const char *temporary,
                     int input_fd)
{
    enum pn_atomic_result result = PN_ATOMIC_SYSTEM;
    struct pn_atomic atomic;
    bool again = true;

    if (begin(&atomic, target))
        atomic.temporary = pn_strdup(temporary);
    for (int i = 0; atomic.temporary && again && i < REOPEN_TRIES; i++) {
        if (atomic.fd >= 0)
            close(atomic.fd);
        result = named_try(&atomic, input_fd, &again);
    }
    if (result == PN_ATOMIC_OK && (again || ftruncate(atomic.fd, 0) < 0))
        result = PN_ATOMIC_SYSTEM;
    if (result == PN_ATOMIC_OK)
        *out = atomic;
    else
        pn_atomic_close(&atomic, false);
    return result;
}

/* FOLDER/NAME, in memory of its own. */
static char *
join(const char *folder, const char *name)
{
    struct pn_buffer path = { 0 };

    pn_buffer_add_format(&path, "%s/%s", folder, name);
    pn_buffer_add(&path, "", 1);
    if (path.failed)
        pn_buffer_free(&path);
    return path.bytes;
}

/* One try; *again when there is such a file, or when it was taken for abandoned. */
static bool
unique_try(struct pn_atomic *atomic, const char *name, bool *again)
{
    int saved_errno;

    *again = false;
    pn_temporaries_add(atomic->at, name); /* before it is there, or a signal may win */
    atomic->fd = openat(atomic->at, name,
                        O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (atomic->fd < 0) {
        *again = errno == EEXIST;
        pn_temporaries_forget(atomic->at, name);
        return false;
    }
    atomic->temporary = join(atomic->folder, name);
    if (atomic->temporary && pn_temporaries_own(atomic->fd))
        return true;
    *again = atomic->temporary != NULL;
    saved_errno = atomic->temporary ? ESTALE : ENOMEM;
    pn_temporaries_forget(atomic->at, name);
    (void)unlinkat(atomic->at, name, 0); /* it may be gone */
    close(atomic->fd);
    pn_free(atomic->temporary);
    atomic->fd = -1;
    atomic->temporary = NULL;
    errno = saved_errno;
    return false;
}

static bool
unique_open(struct pn_atomic *atomic, const char *target)
{
    char name[NAME_MAX + 1];
    bool again = true;

    pn_temporaries_clear(atomic->at, name_of(target));
    for (unsigned i = 0; i < NAME_TRIES && again; i++) {
        if (!pn_temporaries_name(name, sizeof(name), name_of(target), i)) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (unique_try(atomic, name, &again))
            return true;
    }
    return false;
}

/*
 * Owner and mode of what is replaced. A group that we may not give the file to is not
 * the one that its permissions speak of: ours gets what everybody has.
 */
static bool
mode_keep(int fd, const char *target)
{
    mode_t mode;
    struct stat st;

    if (!pn_files_stat(target, &st))
        return errno == ENOENT;
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return false;
    }
    mode = st.st_mode & 0777;
    if (fchown(fd, st.st_uid, st.st_gid) < 0 && fchown(fd, (uid_t)-1, st.st_gid) < 0)
        mode = (mode & ~(mode_t)070) | (mode & 07) << 3;
    return fchmod(fd, mode) == 0;
}

/*
 * /dev/stdout and its like are links of the system into what the kernel makes up: to
 * put a file into the place of one would take it from everybody.
 */
static bool
is_no_door(const struct pn_atomic *atomic, const char *target)
{
    static const char *const doors[] = { "/proc/", "/dev/", "fd/" };
    char link[PATH_MAX];
    ssize_t size = readlinkat(atomic->at, name_of(target), link, sizeof(link));

    for (size_t i = 0; i < PN_COUNT_OF(doors); i++)
        if (size > (ssize_t)strlen(doors[i]) &&
            memcmp(link, doors[i], strlen(doors[i])) == 0) {
            errno = EINVAL;
            return false;
        }
    return true;
}

enum pn_atomic_result
pn_atomic_open_unique(struct pn_atomic *out, const char *target)
{
    struct pn_atomic atomic;
    bool good = begin(&atomic, target) && folder_open(&atomic) &&
                is_no_door(&atomic, target) && unique_open(&atomic, target) &&
                mode_keep(atomic.fd, target);

    if (good)
        *out = atomic;
    else
        pn_atomic_close(&atomic, true);
    return good ? PN_ATOMIC_OK : PN_ATOMIC_SYSTEM;
}

bool
pn_atomic_sync(struct pn_atomic *atomic)
{
    return fsync(atomic->fd) == 0;
}

/* Some file systems do not sync folders, and say EINVAL: then there is no more to do.
 */
static bool
folder_sync(const struct pn_atomic *atomic)
{
    int fd = openat(atomic->at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), saved_errno;
    bool good;

    if (fd < 0)
        return errno == EACCES; /* a folder may be written without being readable */
    good = fsync(fd) == 0 || errno == EINVAL;
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return good;
}

bool
pn_atomic_rename(struct pn_atomic *atomic, const char *target)
{
    if (atomic->at < 0) /* a named one: it may lie in another folder */
        return rename(atomic->temporary, target) == 0 && folder_open(atomic) &&
               folder_sync(atomic);
    return renameat(atomic->at, name_of(atomic->temporary), atomic->at,
                    name_of(target)) == 0 &&
           folder_sync(atomic);
}

void
pn_atomic_close(struct pn_atomic *atomic, bool remove)
{
    int saved_errno = errno;

    if (remove && atomic->temporary)
        unlinkat(atomic->at, name_of(atomic->temporary), 0);
    if (atomic->temporary)
        pn_temporaries_forget(atomic->at, name_of(atomic->temporary));
    if (atomic->fd >= 0)
        close(atomic->fd);
    if (atomic->at >= 0)
        close(atomic->at);
    pn_free(atomic->temporary);
    pn_free(atomic->folder);
    *atomic = (struct pn_atomic){ .fd = -1, .at = -1 };
    errno = saved_errno;
}

/* The temporary file and the target change places. */
static bool
exchange(const struct pn_atomic *atomic, const char *target)
{
    return renameat2(atomic->at, name_of(atomic->temporary), atomic->at,
                     name_of(target), RENAME_EXCHANGE) == 0;
}

/* Does the temporary name lead to the file that we wrote? */
static bool
is_ours(const struct pn_atomic *atomic)
{
    struct stat ours, named;

    return fstat(atomic->fd, &ours) == 0 &&
           fstatat(atomic->at, name_of(atomic->temporary), &named,
                   AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* What lies under the temporary name may be all that somebody has: it is no temporary
 * file any more, which the next run would clear. */
static void
keep(struct pn_atomic *atomic)
{
    char name[NAME_MAX + 1];
    int size = snprintf(name, sizeof(name), "%s.kept", name_of(atomic->temporary));

    if (size > 0 && (size_t)size < sizeof(name))
        (void)renameat2(atomic->at, name_of(atomic->temporary), atomic->at, name,
                        RENAME_NOREPLACE); /* else it has its name for now */
    pn_temporaries_forget(atomic->at, name_of(atomic->temporary));
    pn_free(atomic->temporary);
    atomic->temporary = NULL;
}

/* Where there is no target yet, and where the call is not known. */
static bool
replace_otherwise(struct pn_atomic *atomic, const char *target, int error)
{
    if (error == EINVAL || error == ENOSYS || error == EPERM)
        return pn_atomic_rename(atomic, target);
    errno = error;
    if (error != ENOENT)
        return false;
    if (renameat2(atomic->at, name_of(atomic->temporary), atomic->at, name_of(target),
                  RENAME_NOREPLACE) == 0)
        return folder_sync(atomic);
    if (errno == EEXIST)
        errno = ECANCELED; /* somebody has made it meanwhile */
    return false;
}

/*
 * What was asked of the target just now is asked once more of what came out of its
 * place: a file that somebody else saved in between goes back, and stays.
 */
static bool
replace_if(struct pn_atomic *atomic, const char *target, pn_atomic_fn may,
           void *payload)
{
    if (!exchange(atomic, target))
        return replace_otherwise(atomic, target, errno);
    if (may(payload, atomic->temporary))
        return unlinkat(atomic->at, name_of(atomic->temporary), 0) == 0 &&
               folder_sync(atomic);
    /* and what was saved over ours meanwhile is later than that */
    if (exchange(atomic, target) && !is_ours(atomic))
        (void)exchange(atomic, target);
    if (!is_ours(atomic))
        keep(atomic);
    errno = ECANCELED;
    return false;
}

bool
pn_atomic_put(const char *target, const void *bytes, size_t size)
{
    return pn_atomic_put_if(target, bytes, size, NULL, NULL);
}

bool
pn_atomic_put_if(const char *target, const void *bytes, size_t size, pn_atomic_fn may,
                 void *payload)
{
    struct pn_atomic atomic;
    bool good;

    if (pn_atomic_open_unique(&atomic, target) != PN_ATOMIC_OK)
        return false;
    good = pn_write_all(atomic.fd, bytes, size) && pn_atomic_sync(&atomic);
    if (good && may && !may(payload, target)) {
        good = false;
        errno = ECANCELED;
    }
    good = good && (may ? replace_if(&atomic, target, may, payload)
                        : pn_atomic_rename(&atomic, target));
    pn_atomic_close(&atomic, !good);
    return good;
}
