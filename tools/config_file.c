/* The way up from the rules, and a look at what lies there before it is believed. */
#define _GNU_SOURCE /* O_PATH */
#include "tools/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "tools/input/rules_file.h"

#define NAME "/.postern"

enum { SIZE_MOST = 1 << 20 };

/* Whose .postern is believed besides root's. */
struct trusted {
    uid_t user, owner; /* of the rules; the user once more when they are no file */
};

/* The folder of a file, whole; of one that is not there where its name leads; of the
 * rest the one that we are in. False without any. */
static bool
folder_find(const char *file, char folder[PATH_MAX])
{
    const char *slash = strrchr(file, '/');
    char *real = strcmp(file, "-") == 0 ? NULL : pn_files_real(file), *name;
    bool good;

    if (real) {
        *strrchr(real, '/') = '\0';
    } else {
        name = slash && strcmp(file, "-") != 0
                   ? strndup(file, (size_t)(slash - file) + 1)
                   : strdup(".");
        real = name ? pn_files_real(name) : NULL;
        free(name);
    }
    good = real && strlen(real) < PATH_MAX;
    if (good)
        memcpy(folder, real, strlen(real) + 1);
    free(real);
    return good;
}

/* Why such a file is not believed, or NULL. */
static const char *
refusal(const struct stat *st, const struct trusted *trusted)
{
    if (S_ISDIR(st->st_mode))
        return "is not taken: it is a folder";
    if (S_ISFIFO(st->st_mode))
        return "is not taken: it is a FIFO";
    if (S_ISLNK(st->st_mode))
        return "is not taken: it is a symbolic link; --config takes it";
    if (!S_ISREG(st->st_mode))
        return "is not taken: it is no regular file";
    if (st->st_uid && st->st_uid != trusted->user && st->st_uid != trusted->owner)
        return "is not taken: it belongs to somebody else; --config takes it";
    if (st->st_mode & S_IWOTH)
        return "is not taken: everybody may write it; --config takes it";
    return NULL;
}

/* A file that cannot be opened: is it one to be passed over at that? */
static const char *
refusal_unopened(const char *path, const struct trusted *trusted)
{
    int saved_errno = errno;
    const char *why = NULL;
    struct stat st;
    int fd = pn_files_open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);

    if (fd >= 0 && fstat(fd, &st) == 0)
        why = refusal(&st, trusted);
    if (fd >= 0)
        close(fd);
    errno = saved_errno;
    return why;
}

/*
 * Opens what has the name, without waiting and without following a link, and judges
 * what was opened. A descriptor; or -1, with *why when it is passed over, else errno.
 */
static int
believed_open(const char *path, const struct trusted *trusted, const char **why)
{
    int fd = pn_files_open(
        path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0);
    struct stat st;

    *why = NULL;
    if (fd < 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            *why = refusal_unopened(path, trusted);
        return -1;
    }
    if (fstat(fd, &st) == 0) {
        *why = refusal(&st, trusted);
        if (!*why && pn_files_is_of_kernel(fd))
            *why = "is not taken: the kernel makes it up";
        if (!*why)
            return fd;
    }
    close(fd);
    errno = EINVAL;
    return -1;
}

/* A whole path as it is from where we are, if it lies there. */
static const char *
shown_folder(const char *path)
{
    char *here = pn_files_real(".");
    size_t len = here ? strlen(here) : 0;

    if (len && strncmp(path, here, len) == 0 && path[len] == '/')
        path += len + 1;
    free(here);
    return path;
}

static int
text_read(struct pn_config_file *out, struct pn_tool *tool, const char *path, int fd)
{
    out->name = strdup(path);
    if (!out->name || !pn_source_read(&out->source, out->name, fd, SIZE_MOST))
        return pn_tool_fail_system(
            tool, errno == EFBIG ? PN_EXIT_USAGE : PN_EXIT_SYSTEM, path);
    return PN_EXIT_OK;
}

/* Cuts the last part off a whole path; false at the top. */
static bool
up(char *folder)
{
    char *slash = strrchr(folder, '/');

    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

/* What lies above, where it is not looked for, and would be taken: it may be missed. */
static void
missed_note(char *folder, const struct trusted *trusted, struct pn_notices *notices)
{
    const char *why;
    int fd = -1;

    while (fd < 0 && up(folder)) {
        size_t len = strlen(folder);

        memcpy(folder + len, NAME, sizeof(NAME));
        fd = believed_open(folder, trusted, &why);
        if (fd >= 0)
            pn_notices_add(notices, shown_folder(folder),
                           "is not taken: it lies above the rules and their "
                           "repository; --config takes it");
        folder[len] = '\0';
    }
    if (fd >= 0)
        close(fd);
}

/* Looks in a folder. *found, or what is wrong; neither where there is none. */
static int
folder_look(struct pn_config_file *out, bool *found, struct pn_tool *tool, char *folder,
            const struct trusted *trusted, const struct pn_config_search *search)
{
    size_t len = strlen(folder);
    int fd, status = PN_EXIT_OK;
    const char *why;

    memcpy(folder + len, NAME, sizeof(NAME));
    pn_watched_note(search->watched, folder);
    fd = believed_open(folder, trusted, &why);
    *found = fd >= 0;
    if (fd >= 0) {
        status = text_read(out, tool, shown_folder(folder), fd);
        close(fd);
    } else if (why) {
        pn_notices_add(search->notices, shown_folder(folder), why);
    } else if (errno != ENOENT && errno != ENOTDIR) {
        status = pn_tool_fail_system(tool, PN_EXIT_SYSTEM, shown_folder(folder));
    }
    folder[len] = '\0';
    return status;
}

int
pn_config_find(struct pn_config_file *out, bool *found, struct pn_tool *tool,
               const char *rules, const struct pn_config_search *search)
{
    char folder[PATH_MAX + sizeof(NAME)], top[PATH_MAX];
    struct trusted trusted = { geteuid(), geteuid() };
    int status = PN_EXIT_OK;
    struct stat st;

    *out = (struct pn_config_file){ 0 };
    *found = false;
    if (!folder_find(rules, folder))
        return PN_EXIT_OK; /* what is wrong with the rules is reported when they are
                              opened */
    if (strcmp(rules, "-") != 0 && pn_files_stat(rules, &st))
        trusted.owner = st.st_uid;
    memcpy(top, folder, strlen(folder) + 1);
    pn_files_repository(top);
    for (;;) {
        status = folder_look(out, found, tool, folder, &trusted, search);
        if (*found || status != PN_EXIT_OK || strlen(folder) <= strlen(top))
            break;
        (void)up(folder);
    }
    if (!*found && status == PN_EXIT_OK)
        missed_note(folder, &trusted, search->notices);
    return status;
}

int
pn_config_open(struct pn_config_file *out, struct pn_tool *tool, const char *name,
               const struct pn_config_search *search)
{
    *out = (struct pn_config_file){ 0 };
    if (!pn_git_is_revision(name))
        pn_watched_note(search->watched, name);
    out->name = strdup(name);
    return out->name ? pn_text_open(tool, out->name, &out->source)
                     : pn_tool_fail_system(tool, PN_EXIT_SYSTEM, name);
}

void
pn_config_clear(struct pn_config_file *file)
{
    pn_source_clear(&file->source);
    free(file->name);
    *file = (struct pn_config_file){ 0 };
}
