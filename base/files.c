/* The folders that a process is confined to, by --root or a workspace. */
#define _GNU_SOURCE /* O_PATH */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/memory.h"
#include "base/overlay.h"
#include "base/sizes.h"

/* A folder that may be read. */
struct root {
    int fd;
    char *given; /* as it was */
    char *spelt; /* the same, made absolute with the working directory */
    char *real;  /* without links */
};

/* The only state of these libraries: confinement is a property of the process. */
static struct {
    struct root *items;
    size_t count;
    bool is_confined;
    bool is_read_only;
} roots;

static void
roots_clear(struct root *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        close(items[i].fd);
        pn_free(items[i].given);
        pn_free(items[i].spelt);
        pn_free(items[i].real);
    }
    pn_free(items);
}

/*
 * Makes a path absolute. "../" in front is resolved textually, which is exact because
 * the working directory has no links in it. False with errno set.
 */
static bool
whole_path(const char *path, struct pn_buffer *out)
{
    char here[PATH_MAX];

    if (path[0] != '/') {
        if (!getcwd(here, sizeof(here)))
            return false;
        for (;; path += strspn(path, "/")) {
            char *slash = strrchr(here, '/');

            if (path[0] == '.' && (path[1] == '/' || !path[1]))
                path += 1;
            else if (path[0] == '.' && path[1] == '.' && (path[2] == '/' || !path[2])) {
                path += 2;
                *(slash ? slash : here) = '\0';
            } else
                break;
        }
        pn_buffer_add_text(out, here);
        pn_buffer_add_text(out, *path ? "/" : "");
    }
    pn_buffer_add(out, path, strlen(path) + 1);
    errno = out->failed ? ENOMEM : 0;
    return !out->failed;
}

/* Removes doubled slashes and "./", in place; ".." stays. */
static void
tidy(char *path)
{
    char *to = path;

    for (const char *from = path; *from;) {
        if (from[0] == '/' && from[1] == '/')
            from += 1;
        else if (from[0] == '/' && from[1] == '.' && (from[2] == '/' || !from[2]))
            from += 2;
        else
            *to++ = *from++;
    }
    *to = '\0';
}

/*
 * The part of an absolute path behind a folder, by components; NULL when it is
 * elsewhere.
 */
static const char *
behind(const char *folder, const char *path)
{
    size_t len = strlen(folder);

    if (strncmp(path, folder, len) != 0 || (path[len] && path[len] != '/'))
        return NULL;
    path += len + strspn(path + len, "/");
    return *path ? path : ".";
}

/* A normalised absolute path, to be freed; NULL with errno set. */
static char *
tidy_path(const char *path)
{
    struct pn_buffer whole = { 0 };

    if (!whole_path(path, &whole)) {
        pn_buffer_free(&whole);
        return NULL;
    }
    tidy(whole.bytes);
    return whole.bytes;
}

/* Opens a folder; false with errno set. */
static bool
root_open(struct root *out, const char *folder)
{
    struct root made = { .fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC) };

    if (made.fd < 0)
        return false;
    /* in turn, so that errno belongs to the one that fails */
    if (!(made.given = pn_strdup(folder)) || !(made.spelt = tidy_path(folder)) ||
        !(made.real = realpath(folder, NULL))) {
        int saved_errno = errno;

        pn_free(made.given);
        pn_free(made.spelt);
        close(made.fd);
        errno = saved_errno;
        return false;
    }
    for (char *path = made.spelt; path; path = path == made.spelt ? made.real : NULL)
        for (size_t len = strlen(path); len && path[len - 1] == '/'; len--)
            path[len - 1] = '\0';
    *out = made;
    return true;
}

static void
roots_become(struct root *items, size_t count)
{
    roots_clear(roots.items, roots.count);
    roots.items = items;
    roots.count = count;
    roots.is_confined = true;
}

bool
pn_files_confine(const char *folder)
{
    struct root *items;

    if (roots.count == 1 && strcmp(roots.items[0].given, folder) == 0)
        return true;
    items = pn_calloc(1, sizeof(*items));
    if (!items || !root_open(items, folder)) {
        int saved_errno = errno;

        pn_free(items);
        errno = saved_errno;
        return false;
    }
    roots_become(items, 1);
    return true;
}

bool
pn_files_confine_to(const char *const *folders, size_t count)
{
    struct root *items = pn_calloc(count + 1, sizeof(*items));
    size_t opened = 0;

    if (!items)
        return false;
    for (size_t i = 0; i < count; i++)
        if (root_open(&items[opened], folders[i]))
            opened++;
    roots_become(items, opened);
    return true;
}

const char *
pn_files_root(void)
{
    return roots.count ? roots.items[0].given : NULL;
}

/* The root that a path lies beneath, and its path from there, to be freed; NULL with
 * errno set. */
static char *
beneath_root(const char *path, const struct root **root)
{
    char *whole;

    if (!path[0]) {
        errno = ENOENT;
        return NULL;
    }
    whole = tidy_path(path);
    for (size_t i = 0; whole && i < roots.count; i++) {
        const char *rest = behind(roots.items[i].spelt, whole);

        if (!rest)
            rest = behind(roots.items[i].real, whole);
        if (rest) {
            *root = &roots.items[i];
            memmove(whole, rest, strlen(rest) + 1);
            return whole;
        }
    }
    if (whole) {
        pn_free(whole);
        errno = EXDEV;
    }
    return NULL;
}

void
pn_files_forbid_writing(void)
{
    roots.is_read_only = true;
}

/*
 * What a text in the place of a file is known by: a tidy path, from the root where
 * there is one. ".." in it would need a look at folders. To be freed; NULL with errno
 * set.
 */
static char *
overlay_key(const char *path)
{
    const struct root *root;
    char *key = roots.is_confined ? beneath_root(path, &root) : tidy_path(path);
    size_t size = key ? strlen(key) : 0;

    if (!key || (!strstr(key, "/../") && strncmp(key, "../", 3) != 0 &&
                 (size < 3 || strcmp(key + size - 3, "/..") != 0)))
        return key;
    pn_free(key);
    errno = EXDEV;
    return NULL;
}

bool
pn_files_overlay(const char *path, struct pn_str text)
{
    char *key = overlay_key(path);
    bool good = key != NULL;
    int saved_errno;

    if (good && pn_overlay_has(key)) {
        errno = EEXIST;
        good = false;
    }
    good = good && pn_overlay_add(key, text);
    saved_errno = errno;
    pn_free(key);
    errno = saved_errno;
    return good;
}

/* A descriptor of the text in the place of a file; -1 when there is none. */
static int
overlay_open(const char *path)
{
    char *key = pn_overlay_is_used() ? overlay_key(path) : NULL;
    int fd = key ? pn_overlay_open(key) : -1;

    pn_free(key);
    return fd;
}

bool
pn_files_is_overlaid(const char *path)
{
    char *key = pn_overlay_is_used() ? overlay_key(path) : NULL;
    bool is = key && pn_overlay_has(key);

    pn_free(key);
    return is;
}

int
pn_files_open(const char *path, int flags, mode_t mode)
{
    const struct root *root;
    char *rest;
    int fd, saved_errno;

    if (roots.is_read_only &&
        ((flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC))) {
        errno = EROFS;
        return -1;
    }
    fd = overlay_open(path);
    if (fd >= 0)
        return fd;
    if (!roots.is_confined)
        return open(path, flags, mode);
    rest = beneath_root(path, &root);
    if (!rest)
        return -1;
    fd = pn_beneath_open(root->fd, rest, flags, mode);
    saved_errno = errno;
    pn_free(rest);
    errno = saved_errno;
    return fd;
}

bool
pn_files_stat(const char *path, struct stat *out)
{
    int fd, saved_errno;
    bool good;

    if (!roots.is_confined && !pn_files_is_overlaid(path))
        return stat(path, out) == 0;
    fd = pn_files_open(path, O_PATH | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    good = fstat(fd, out) == 0;
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return good;
}

char *
pn_files_real(const char *path)
{
    struct pn_buffer real = { 0 };
    const struct root *root;
    char *rest;
    bool good;
    int saved_errno;

    if (!roots.is_confined)
        return pn_files_is_overlaid(path) ? tidy_path(path) : realpath(path, NULL);
    rest = beneath_root(path, &root);
    if (!rest)
        return NULL;
    if (pn_overlay_is_used() && pn_overlay_has(rest)) {
        pn_free(rest);
        return tidy_path(path);
    }
    pn_buffer_add_text(&real, root->real);
    pn_buffer_add_text(&real, "/");
    good = !real.failed && pn_beneath_real(root->fd, rest, &real);
    saved_errno = real.failed ? ENOMEM : errno;
    pn_free(rest);
    if (good && strcmp(real.bytes + strlen(root->real), "/.") == 0)
        real.bytes[strlen(root->real) + (root->real[0] == '\0')] = '\0';
    if (!good)
        pn_buffer_free(&real);
    errno = saved_errno;
    return real.bytes;
}

void
pn_files_repository(char *folder)
{
    static const char name[] = "/.git";
    size_t len = strlen(folder);
    char *path = pn_malloc(len + sizeof(name));
    struct stat st;
    bool found = false;

    if (!path)
        return;
    memcpy(path, folder, len + 1);
    for (;;) {
        char *slash;

        memcpy(path + len, name, sizeof(name));
        found = pn_files_stat(path, &st);
        path[len] = '\0';
        slash = strrchr(path, '/');
        if (found || !slash)
            break;
        len = (size_t)(slash - path);
    }
    if (found)
        folder[len] = '\0';
    pn_free(path);
}

bool
pn_files_is_outside(int error)
{
    return error == EXDEV && roots.is_confined;
}

const char *
pn_files_error(int error)
{
    if (pn_files_is_outside(error))
        return "leads out of the folder that --root names";
    return error == EISDIR ? "it is a folder, and a file is wanted" : strerror(error);
}

bool
pn_files_is_of_kernel(int fd)
{
    static const unsigned long made_up[] = {
        PROC_SUPER_MAGIC,
        SYSFS_MAGIC,
        CGROUP_SUPER_MAGIC,
        CGROUP2_SUPER_MAGIC,
        DEBUGFS_MAGIC,
        TRACEFS_MAGIC,
        SECURITYFS_MAGIC,
        SELINUX_MAGIC,
        SMACK_MAGIC,
        BPF_FS_MAGIC,
        EFIVARFS_MAGIC,
        PSTOREFS_MAGIC,
        BINFMTFS_MAGIC,
        NSFS_MAGIC,
        RDTGROUP_SUPER_MAGIC,
        0x62656570 /* configfs */,
        0x65735543 /* fusectl */,
    };
    struct statfs fs;

    if (fstatfs(fd, &fs) < 0)
        return false;
    for (size_t i = 0; i < PN_COUNT_OF(made_up); i++)
        if ((unsigned long)fs.f_type == made_up[i])
            return true;
    return false;
}
