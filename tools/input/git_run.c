/* Runs git safely on repositories that may be hostile. */
#define _GNU_SOURCE /* pipe2, DT_LNK */
#include "tools/input/git.h"

#include <dirent.h>
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

enum { CHUNK = 65536 };

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

/* Reads once; closes the pipe at its end. 0, or an errno. */
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

/*
 * The line of an error text that gives the reason, behind warnings; otherwise the first
 * line, cut if long.
 */
static void
message_keep(char message[PN_GIT_SAID_SIZE], const struct pn_buffer *text)
{
    static const char why[] = "fatal: ";
    size_t front = 0, size = 0;

    for (size_t at = 0; at + sizeof(why) < text->size && !front; at++)
        if (at && text->bytes[at - 1] == '\n' &&
            memcmp(text->bytes + at, why, sizeof(why) - 1) == 0)
            front = at;
    while (front + size < text->size && size < PN_GIT_SAID_SIZE - 1 &&
           text->bytes[front + size] != '\n')
        size++;
    if (size)
        memcpy(message, text->bytes + front, size);
    message[size] = '\0';
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

/*
 * The environment for git, which no configuration can override: missing objects of a
 * partial clone are not fetched (a protocol may be any program), and paths are literal.
 * An entry without "=" is removed.
 */
static const char *const env_fixed[] = {
    "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0",
    "GIT_LITERAL_PATHSPECS",   "GIT_GLOB_PATHSPECS",  "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",     "GIT_EXTERNAL_DIFF",   "GIT_PAGER",
};

/* Is a variable one of those, whatever it is set to? */
static bool
is_fixed(const char *variable)
{
    for (size_t i = 0; i < PN_COUNT_OF(env_fixed); i++) {
        size_t len = strcspn(env_fixed[i], "=");

        if (strncmp(variable, env_fixed[i], len) == 0 && variable[len] == '=')
            return true;
    }
    return false;
}

/* The environment of this process with those variables set or removed. To be freed. */
static char **
env_make(void)
{
    size_t count = 0, kept = 0;
    char **all;

    while (environ[count])
        count++;
    all = calloc(count + PN_COUNT_OF(env_fixed) + 1, sizeof(*all));
    for (size_t i = 0; all && i < PN_COUNT_OF(env_fixed); i++)
        if (strchr(env_fixed[i], '='))
            all[kept++] = (char *)env_fixed[i];
    for (size_t i = 0; all && i < count; i++)
        if (!is_fixed(environ[i]))
            all[kept++] = environ[i];
    return all;
}

static int
spawn(const char *const words[], int out, int err, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    char **variables;

    if (error)
        return error;
    variables = env_make();
    error = variables ? 0 : ENOMEM;
    if (!error)
        error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, err, 2);
    if (!error)
        error = posix_spawnp(child, words[0], &actions, NULL, (char *const *)words,
                             variables);
    free(variables);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* The arguments of git, behind the fixed ones. To be freed. */
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

/* pn_git_run() without the check of the root. */
static int
run(const char *const words[], size_t limit, struct pn_buffer *out,
    char message[PN_GIT_SAID_SIZE])
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
            kill(child, SIGTERM); /* nobody reads what it writes */
        status = wait_for(child);
    }
    message_keep(message, &err);
    pn_buffer_free(&err);
    if (error) {
        errno = error;
        return -1;
    }
    return status;
}

/* Do all paths, one a line, lead beneath the root? Replaces each newline by a NUL. */
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
    are = pn_read_file(NULL, path.bytes, PN_GIT_PATH_MOST, &list);
    if (are) {
        are = lines_are_beneath(list.text, objects);
        pn_source_clear(&list);
    } else {
        are = errno == ENOENT || errno == ENOTDIR;
    }
    pn_buffer_free(&path);
    return are;
}

/* Is an entry of a folder a link? Not every file system says so by itself. */
static bool
is_link(const char *folder, const struct dirent *entry)
{
    struct pn_buffer path = { 0 };
    bool is = true;
    struct stat st;
    int fd = -1;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_LNK;
    pn_buffer_add_format(&path, "%s/%s", folder, entry->d_name);
    pn_buffer_add(&path, "", 1);
    if (!path.failed)
        fd = pn_files_open(path.bytes, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd >= 0) {
        is = fstat(fd, &st) < 0 || S_ISLNK(st.st_mode);
        close(fd);
    }
    pn_buffer_free(&path);
    return is;
}

/* Are there links among the folders of objects, or among packs? git makes none. */
static bool
has_links(const char *objects, const char *folder)
{
    struct pn_buffer path = { 0 };
    DIR *open_folder = NULL;
    bool has = false;
    int fd = -1;

    pn_buffer_add_format(&path, "%s/%s", objects, folder);
    pn_buffer_add(&path, "", 1);
    if (!path.failed)
        fd = pn_files_open(path.bytes, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    has = fd < 0 && errno != ENOENT;
    if (fd >= 0) {
        open_folder = fdopendir(fd);
        has = !open_folder;
    }
    for (struct dirent *entry; open_folder && !has && (entry = readdir(open_folder));)
        has = is_link(path.bytes, entry);
    if (open_folder)
        closedir(open_folder);
    else if (fd >= 0)
        close(fd);
    pn_buffer_free(&path);
    return has;
}

/* Does the repository that git would look into lie beneath the root? */
static bool
is_repository_beneath(void)
{
    struct pn_buffer places = { 0 }, objects = { 0 };
    char message[PN_GIT_SAID_SIZE];
    int status = run((const char *const[]){ "git", "rev-parse", "--git-dir",
                                            "--git-common-dir", NULL },
                     PN_GIT_PATH_MOST, &places, message);
    bool are = status > 0; /* there is none, and git will say so itself */

    if (status == 0)
        status = run(
            (const char *const[]){ "git", "rev-parse", "--git-path", "objects", NULL },
            PN_GIT_PATH_MOST, &objects, message);
    if (status == 0) {
        pn_buffer_add(&places, "", 1);
        pn_buffer_add(&objects, "", 1);
        if (!places.failed && !objects.failed) {
            objects.bytes[strcspn(objects.bytes, "\n")] = '\0';
            are = lines_are_beneath(places.bytes, "") &&
                  !has_links(objects.bytes, ".") && !has_links(objects.bytes, "pack") &&
                  alternates_are_beneath(objects.bytes) &&
                  lines_are_beneath(objects.bytes, "");
        }
    }
    pn_buffer_free(&places);
    pn_buffer_free(&objects);
    return are;
}

static atomic_bool is_forbidden;

void
pn_git_forbid(void)
{
    is_forbidden = true;
}

int
pn_git_run(const char *const words[], size_t limit, struct pn_buffer *out,
           char message[PN_GIT_SAID_SIZE])
{
    static atomic_bool is_known; /* the check has succeeded, and is not repeated */

    message[0] = '\0';
    if (is_forbidden) {
        errno = EPERM;
        return -1;
    }
    if (pn_files_root() && !is_known) {
        if (!is_repository_beneath()) {
            errno = EXDEV;
            return -1;
        }
        is_known = true;
    }
    return run(words, limit, out, message);
}
