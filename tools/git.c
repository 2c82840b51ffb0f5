/* git is run as a program: its repository formats are its own affair. */
#define _GNU_SOURCE /* pipe2 */
#include "tools/git.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sizes.h"

extern char **environ;

enum { CHUNK = 65536, PATH_MOST = 65536 };

/* Both ends closed on exec; false with errno set. */
static bool
pipe_open(int ends[2])
{
    return pipe2(ends, O_CLOEXEC) == 0;
}

static void
close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int
spawn(const char *const words[], int out, int err, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error)
        return error;
    error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, err, 2);
    if (!error)
        error = posix_spawnp(child, words[0], &actions, NULL, (char *const *)words,
                             environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* One read; closes the end at its end. 0, or an errno. */
static int
take(int *fd, size_t limit, struct pn_buffer *into)
{
    ssize_t got;

    if (!pn_buffer_reserve(into, CHUNK))
        return ENOMEM;
    got = read(*fd, into->bytes + into->size, CHUNK);
    if (got < 0)
        return errno == EINTR ? 0 : errno;
    if (got == 0)
        close_one(fd);
    into->size += (size_t)got;
    return into->size > limit ? EFBIG : 0;
}

/* Both streams at once, so that neither fills up. 0, or an errno. */
static int
gather(int fds[2], size_t limit, struct pn_buffer *into[2])
{
    int error = 0;

    while (!error && (fds[0] >= 0 || fds[1] >= 0)) {
        struct pollfd polls[2] = { { fds[0], POLLIN, 0 }, { fds[1], POLLIN, 0 } };

        if (poll(polls, 2, -1) < 0) {
            error = errno == EINTR ? 0 : errno;
            continue;
        }
        for (size_t i = 0; i < 2 && !error; i++)
            if (fds[i] >= 0 && polls[i].revents)
                error = take(&fds[i], limit, into[i]);
    }
    return error;
}

static int
wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first line of a text, or its front. */
static void
said_keep(char said[PN_GIT_SAID_SIZE], const struct pn_buffer *text)
{
    size_t size = 0;

    while (size < text->size && size < PN_GIT_SAID_SIZE - 1 &&
           text->bytes[size] != '\n')
        size++;
    if (size)
        memcpy(said, text->bytes, size);
    said[size] = '\0';
}

/*
 * What a repository may configure and git would run, or put into what it writes: a
 * hostile one is only read.
 */
static const char *const fixed[] = {
    "git",
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "log.showSignature=false",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.quotePath=true",
    "-c",
    "diff.external=",
    "-c",
    "color.ui=false",
    "-c",
    "protocol.allow=never",
};

/* The words behind the first, with what is fixed before them. The caller's to free. */
static const char **
words_make(const char *const words[])
{
    size_t count = 0, front = PN_COUNT_OF(fixed);
    const char **all;

    while (words[count])
        count++;
    all = calloc(front + count, sizeof(*all));
    if (!all)
        return NULL;
    memcpy(all, fixed, sizeof(fixed));
    memcpy(all + front, words + 1, (count - 1) * sizeof(*all)); /* and a NULL behind */
    return all;
}

/* pn_git_run(), whatever the root is. */
static int
run(const char *const words[], size_t limit, struct pn_buffer *out,
    char said[PN_GIT_SAID_SIZE])
{
    const char **all = words_make(words);
    struct pn_buffer err = { 0 };
    int outs[2] = { -1, -1 }, errs[2] = { -1, -1 }, reads[2], error = 0, status = -1;
    pid_t child = -1;

    if (!all)
        error = ENOMEM;
    else if (!pipe_open(outs) || !pipe_open(errs))
        error = errno;
    if (!error)
        error = spawn(all, outs[1], errs[1], &child);
    free(all);
    close_one(&outs[1]);
    close_one(&errs[1]);
    reads[0] = outs[0];
    reads[1] = errs[0];
    if (!error)
        error = gather(reads, limit, (struct pn_buffer *[]){ out, &err });
    close_one(&reads[0]);
    close_one(&reads[1]);
    if (child > 0) {
        if (error)
            kill(child, SIGTERM); /* it writes to nobody now */
        status = wait_for(child);
    }
    said_keep(said, &err);
    pn_buffer_free(&err);
    if (error) {
        errno = error;
        return -1;
    }
    return status;
}

/* Lines of paths, each cut off at its end: do all lead to places beneath the root? */
static bool
lines_are_beneath(char *text, const char *folder)
{
    bool are = true;
    char *rest;

    for (char *line = strtok_r(text, "\n", &rest); line && are;
         line = strtok_r(NULL, "\n", &rest)) {
        struct pn_buffer path = { 0 };
        char *real = NULL;

        if (line[0] != '/' && folder[0])
            pn_buffer_add_format(&path, "%s/", folder);
        pn_buffer_add(&path, line, strlen(line) + 1);
        if (!path.failed)
            real = pn_files_real(path.bytes);
        are = real != NULL;
        free(real);
        pn_buffer_free(&path);
    }
    return are;
}

/* Objects that a repository borrows from others: their folders, a line each. */
static bool
alternates_are_beneath(const char *objects)
{
    struct pn_buffer path = { 0 };
    struct pn_source list;
    bool are;

    pn_buffer_add_format(&path, "%s/info/alternates", objects);
    pn_buffer_add(&path, "", 1);
    if (path.failed)
        return false;
    are = pn_read_file(NULL, path.bytes, PATH_MOST, &list);
    if (are) {
        are = lines_are_beneath(list.text, objects);
        pn_source_clear(&list);
    } else {
        are = errno == ENOENT || errno == ENOTDIR;
    }
    pn_buffer_free(&path);
    return are;
}

/* Does the repository that git would look into lie beneath the root? */
static bool
is_repository_beneath(void)
{
    struct pn_buffer places = { 0 }, objects = { 0 };
    char said[PN_GIT_SAID_SIZE];
    int status = run((const char *const[]){ "git", "rev-parse", "--git-dir",
                                            "--git-common-dir", NULL },
                     PATH_MOST, &places, said);
    bool are = status > 0; /* there is none, and git will say so itself */

    if (status == 0)
        status = run(
            (const char *const[]){ "git", "rev-parse", "--git-path", "objects", NULL },
            PATH_MOST, &objects, said);
    if (status == 0) {
        pn_buffer_add(&places, "", 1);
        pn_buffer_add(&objects, "", 1);
        if (!places.failed && !objects.failed) {
            objects.bytes[strcspn(objects.bytes, "\n")] = '\0';
            are = lines_are_beneath(places.bytes, "") &&
                  alternates_are_beneath(objects.bytes) &&
                  lines_are_beneath(objects.bytes, "");
        }
    }
    pn_buffer_free(&places);
    pn_buffer_free(&objects);
    return are;
}

int
pn_git_run(const char *const words[], size_t limit, struct pn_buffer *out,
           char said[PN_GIT_SAID_SIZE])
{
    static atomic_bool is_known; /* that it does: it is asked once */

    said[0] = '\0';
    if (pn_files_root() && !is_known) {
        if (!is_repository_beneath()) {
            errno = EXDEV;
            return -1;
        }
        is_known = true;
    }
    return run(words, limit, out, said);
}

bool
pn_git_is_revision(const char *name)
{
    const char *colon = strchr(name, ':');
    struct stat st;

    /* no name of a commit begins with any of these */
    if (!colon || !colon[1] || strchr(":-./", name[0]))
        return false;
    return !pn_files_stat(name, &st);
}

void
pn_git_tidy(char *path)
{
    char *to = path, *from = path;

    while (*from) {
        size_t len = strcspn(from, "/"), whole = len + (from[len] == '/');

        if (len == 2 && memcmp(from, "..", 2) == 0 && to > path) {
            to--; /* the slash of the part before */
            while (to > path && to[-1] != '/')
                to--;
        } else if (!(len == 1 && *from == '.') && len) {
            memmove(to, from, whole);
            to += whole;
        }
        from += whole;
    }
    *to = '\0';
}

/* REV: and a path in it, relative to this folder if the one of REV:FILE is. */
static void
object_name(struct pn_buffer *out, const char *revision, const char *path)
{
    size_t front = (size_t)(strchr(revision, ':') - revision) + 1;
    bool whole = strncmp(path, revision, front) == 0, here;

    path += whole ? front : 0;
    here = strncmp(path, "./", 2) == 0 || strncmp(revision + front, "./", 2) == 0;
    pn_buffer_add(out, revision, front);
    pn_buffer_add_text(out, here ? "./" : "");
    front = out->size;
    pn_buffer_add(out, path, strlen(path));
    pn_buffer_add(out, "", 1);
    if (!out->failed)
        pn_git_tidy(out->bytes + front);
}

bool
pn_git_read(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct pn_git_revision *revision = payload;
    struct pn_buffer text = { 0 }, object = { 0 };
    int status = -1;
    bool good = false;

    if (path[0] == '/')
        return pn_read_file(NULL, path, limit, out);
    object_name(&object, revision->name, path);
    errno = ENOMEM;
    if (!object.failed)
        status = pn_git_run(
            (const char *const[]){ "git", "cat-file", "blob", object.bytes, NULL },
            limit, &text, revision->said);
    if (status == 0)
        good = pn_source_from_text(out, path, (struct pn_str){ text.bytes, text.size });
    if (status >= 0 && !good)
        errno = status ? ENOENT : ENOMEM;
    pn_buffer_free(&text);
    pn_buffer_free(&object);
    return good;
}

/* The path of an object's name in the working tree; false with errno set. */
static bool
here_path(const char *object, struct pn_buffer *out, char said[PN_GIT_SAID_SIZE])
{
    const char *path = strchr(object, ':') + 1;
    int status = 0;

    if (strncmp(path, "./", 2) != 0) {
        status = pn_git_run(
            (const char *const[]){ "git", "rev-parse", "--show-toplevel", NULL },
            PATH_MOST, out, said);
        while (out->size && out->bytes[out->size - 1] == '\n')
            out->size--;
        pn_buffer_add_text(out, "/");
    }
    pn_buffer_add(out, path, strlen(path) + 1);
    errno = out->failed ? ENOMEM : ENOENT;
    return status == 0 && !out->failed && strncmp(path, "../", 3) != 0;
}

bool
pn_git_here(const char *name, struct pn_buffer *out)
{
    char said[PN_GIT_SAID_SIZE];

    return here_path(name, out, said);
}

static bool
is_followed(const char *path)
{
    char said[PN_GIT_SAID_SIZE];
    struct pn_buffer out = { 0 };
    int status =
        pn_git_run((const char *const[]){ "git", "--literal-pathspecs", "ls-files",
                                          "--error-unmatch", "--", path, NULL },
                   PATH_MOST, &out, said);

    pn_buffer_free(&out);
    return status != 1; /* and in doubt it is */
}

bool
pn_git_read_named(void *payload, const char *path, size_t limit, struct pn_source *out)
{
    struct pn_git_revision *revision = payload;
    struct pn_buffer object = { 0 }, here = { 0 };
    char said[PN_GIT_SAID_SIZE];
    struct stat st;
    bool good;

    if (pn_git_read(payload, path, limit, out))
        return true;
    if (errno != ENOENT)
        return false;
    object_name(&object, revision->name, path);
    errno = ENOMEM;
    good = !object.failed && here_path(object.bytes, &here, said) &&
           pn_files_stat(here.bytes, &st) && !is_followed(here.bytes);
    if (good && pn_read_file(NULL, here.bytes, limit, out)) {
        out->name = path;
        revision->said[0] = '\0';
        pn_buffer_add(&revision->strays, path, strlen(path) + 1);
    } else {
        good = false;
        errno = errno == ENOMEM || pn_files_is_outside(errno) ? errno : ENOENT;
    }
    pn_buffer_free(&object);
    pn_buffer_free(&here);
    return good;
}

bool
pn_git_identify(void *payload, const char *path, struct pn_buffer *out)
{
    const struct pn_git_revision *revision = payload;
    size_t before = out->size;

    if (path[0] == '/')
        return pn_identify_file(NULL, path, out);
    object_name(out, revision->name, path);
    if (!out->failed)
        out->size = before + strlen(out->bytes + before); /* tidy names are shorter */
    return true;
}
