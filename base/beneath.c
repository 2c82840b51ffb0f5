/* Opening beneath a folder by openat2(2), or without it component by component. */
#define _GNU_SOURCE /* syscall, O_PATH */
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_MAX = 40, OPEN_TRIES = 100 }; /* as many links as the kernel follows */

/*
 * A path being resolved. `done` is the part without links that leads to the descriptor
 * `at`, the folder itself at first; `name` is the current component, `rest` what
 * follows it.
 */
struct walk {
    int folder, at;
    unsigned links;
    bool follows; /* follow a link in the last component too */
    bool rooted;  /* the folder is what "/" is, and nothing leads out of it */
    char done[PATH_MAX], rest[PATH_MAX], name[NAME_MAX + 1];
};

static void
fd_close(int fd)
{
    int saved_errno = errno;

    if (fd >= 0)
        close(fd);
    errno = saved_errno;
}

/* Another descriptor of the folder itself. */
static bool
restart(struct walk *walk)
{
    fd_close(walk->at);
    walk->at = openat(walk->folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return walk->at >= 0;
}

/* Starts a walk. False with errno set; walk_end() is due in any case. */
static bool
walk_begin(struct walk *walk, int folder, const char *path, bool rooted)
{
    size_t len = strlen(path);

    walk->folder = folder;
    walk->at = -1;
    walk->links = 0;
    walk->follows = true;
    walk->rooted = rooted;
    walk->done[0] = '\0';
    errno = path[0] == '/' && !rooted ? EXDEV
            : !len                    ? ENOENT
            : len >= PATH_MAX         ? ENAMETOOLONG
                                      : 0;
    if (errno)
        return false;
    memcpy(walk->rest, path, len + 1);
    return restart(walk);
}

static void
walk_end(struct walk *walk)
{
    fd_close(walk->at);
}

/* Enters a folder by name; fails if the name has become a link meanwhile. */
static bool
enter(struct walk *walk, const char *name)
{
    int fd = openat(walk->at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return false;
    fd_close(walk->at);
    walk->at = fd;
    return true;
}

static bool
done_add(struct walk *walk, const char *name)
{
    size_t len = strlen(walk->done), size = strlen(name) + 1, slash = len > 0;

    if (len + slash + size > sizeof(walk->done)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (slash)
        walk->done[len] = '/';
    memcpy(walk->done + len + slash, name, size);
    return true;
}

/*
 * Goes up by walking down again without the last part: ".." is never passed to the
 * system.
 */
static bool
leave(struct walk *walk)
{
    char *slash = strrchr(walk->done, '/'), name[NAME_MAX + 1];
    bool good;

    if (!walk->done[0]) {
        errno = EXDEV;
        return walk->rooted;
    }
    *(slash ? slash : walk->done) = '\0';
    good = restart(walk);
    for (const char *at = walk->done; *at && good;) {
        size_t len = strcspn(at, "/");

        memcpy(name, at, len);
        name[len] = '\0';
        good = enter(walk, name);
        at += len + (at[len] == '/');
    }
    return good;
}

/* Replaces the name of a link by its target. */
static bool
follow(struct walk *walk, int link)
{
    char text[PATH_MAX];
    ssize_t got = readlinkat(link, "", text, sizeof(text));
    size_t size = got < 0 ? 0 : (size_t)got, len = strlen(walk->rest);

    if (got < 0)
        return false;
    errno = !size                                 ? ENOENT
            : text[0] == '/' && !walk->rooted     ? EXDEV
            : ++walk->links > LINKS_MAX           ? ELOOP
            : size + len + 1 > sizeof(walk->rest) ? ENAMETOOLONG
                                                  : 0;
    if (errno)
        return false;
    memmove(walk->rest + size, walk->rest, len + 1);
    memcpy(walk->rest, text, size);
    if (text[0] != '/')
        return true;
    walk->done[0] = '\0';
    return restart(walk);
}

/* Takes the next component from `rest`: "" at the end of the path. */
static bool
name_take(struct walk *walk)
{
    const char *front = walk->rest + strspn(walk->rest, "/");
    size_t len = strcspn(front, "/");

    if (len >= sizeof(walk->name)) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(walk->name, front, len);
    walk->name[len] = '\0';
    memmove(walk->rest, front + len, strlen(front + len) + 1);
    return true;
}

/* Resolves one component. *last: it is the last one, and is not entered. */
static bool
step(struct walk *walk, bool *last)
{
    bool is_last = !walk->rest[0], good;
    struct stat st;
    int fd;

    if (strcmp(walk->name, ".") == 0)
        return true;
    if (strcmp(walk->name, "..") == 0)
        return leave(walk);
    fd = openat(walk->at, walk->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        *last = is_last;
        return is_last && errno == ENOENT; /* it may be to be made */
    }
    good = fstat(fd, &st) == 0;
    if (good && S_ISLNK(st.st_mode) && (!is_last || walk->follows))
        good = follow(walk, fd);
    else if (good && is_last)
        *last = true;
    else if (good)
        good = enter(walk, walk->name) && done_add(walk, walk->name);
    fd_close(fd);
    return good;
}

/*
 * Walks to the folder that holds the last component, and puts that into `name`; for a
 * path that ends in a folder, "." is put there.
 */
static bool
walk_go(struct walk *walk)
{
    bool last = false;

    while (!last) {
        if (!name_take(walk))
            return false;
        if (!walk->name[0]) {
            memcpy(walk->name, ".", 2);
            return true;
        }
        if (!step(walk, &last))
            return false;
    }
    return true;
}

struct walk_how {
    int flags;
    mode_t mode;
    bool rooted;
};

static int
walk_open(int folder, const char *path, struct walk_how how)
{
    struct walk walk;
    int fd = -1;

    if (walk_begin(&walk, folder, path, how.rooted)) {
        walk.follows = !(how.flags & O_NOFOLLOW) &&
                       (how.flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
        if (walk_go(&walk))
            fd = openat(walk.at, walk.name, how.flags | O_NOFOLLOW, how.mode);
    }
    walk_end(&walk);
    return fd;
}

int
pn_beneath_walk(int folder, const char *path, int flags, mode_t mode)
{
    return walk_open(folder, path, (struct walk_how){ flags, mode, false });
}

int
pn_inside_walk(int folder, const char *path, int flags)
{
    return walk_open(folder, path, (struct walk_how){ flags, 0, true });
}

static int
path_open(int folder, const char *path, struct walk_how wanted)
{
    struct open_how how = { .flags = (unsigned)wanted.flags,
                            .mode = wanted.flags & O_CREAT ? wanted.mode : 0,
                            .resolve =
                                RESOLVE_NO_MAGICLINKS |
                                (wanted.rooted ? RESOLVE_IN_ROOT : RESOLVE_BENEATH) };
    long fd = -1;

    /*
     * EAGAIN: something was renamed meanwhile, so it is not certain that it lies
     * beneath
     */
    for (int i = 0; i < OPEN_TRIES && fd < 0 && (!i || errno == EAGAIN); i++)
        fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return walk_open(folder, path, wanted);
    return (int)fd;
}

int
pn_beneath_open(int folder, const char *path, int flags, mode_t mode)
{
    return path_open(folder, path, (struct walk_how){ flags, mode, false });
}

int
pn_inside_open(int folder, const char *path, int flags)
{
    return path_open(folder, path, (struct walk_how){ flags, 0, true });
}

bool
pn_beneath_real(int folder, const char *path, struct pn_buffer *out)
{
    struct walk walk;
    struct stat st;
    bool good = walk_begin(&walk, folder, path, false) && walk_go(&walk) &&
                fstatat(walk.at, walk.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                (strcmp(walk.name, ".") == 0 ? walk.done[0] || done_add(&walk, ".")
                                             : done_add(&walk, walk.name));

    if (good) {
        pn_buffer_add(out, walk.done, strlen(walk.done) + 1);
        good = !out->failed;
        errno = good ? 0 : ENOMEM;
    }
    walk_end(&walk);
    return good;
}
