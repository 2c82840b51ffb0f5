/* Programs are run with an environment of their own, and nothing on standard input but
 * what they are given. */
#define _GNU_SOURCE
#include "tools/prove/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory_file.h"
#include "tools/child.h"
#include "tools/prove/folder.h"

enum { SAID_MOST = 1 << 28, FOUND_SIZE = 256 };

#define SYSTEM_PATH "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

/* ipsvd asks the name server that is named so, and needs no file of the system's. */
static const char *const no_environment[] = { "PATH=" SYSTEM_PATH, "LC_ALL=C",
                                              "DNSCACHEIP=127.0.0.1", NULL };

static bool
is_program(const char *folder, size_t size, const char *name, char *out)
{
    struct stat status;
    int length = snprintf(out, FOUND_SIZE, "%.*s/%s", (int)(size < 200 ? size : 200),
                          folder, name);

    return size && length > 0 && length < FOUND_SIZE && pn_files_stat(out, &status) &&
           S_ISREG(status.st_mode) && (status.st_mode & 0111);
}

static bool
path_search(const char *path, const char *name, char *out)
{
    while (path && *path) {
        size_t size = strcspn(path, ":");

        if (is_program(path, size, name, out))
            return true;
        path += size + (path[size] == ':');
    }
    out[0] = '\0';
    return false;
}

bool
pn_run_find(const char *name, char *out)
{
    struct stat status;

    if (!strchr(name, '/'))
        return path_search(getenv("PATH"), name, out) ||
               path_search(SYSTEM_PATH, name, out);
    out[0] = '\0';
    if (strlen(name) >= FOUND_SIZE || !pn_files_stat(name, &status) ||
        !S_ISREG(status.st_mode))
        return false;
    memcpy(out, name, strlen(name) + 1);
    return true;
}

bool
pn_run_fails(struct pn_asking *asking, const char *what, struct pn_str said)
{
    size_t size = 0;

    while (said.len && said.ptr[0] <= ' ')
        said = pn_str_from(said, 1);
    while (size < said.len && size < 150 && (unsigned char)said.ptr[size] >= ' ')
        size++;
    (void)snprintf(asking->why, sizeof(asking->why), "%.80s%s%.*s", what,
                   size ? ": " : "", (int)size, said.ptr);
    return false;
}

bool
pn_run_write(struct pn_asking *asking, const char *name, struct pn_str text)
{
    return pn_prove_write(asking->folder, name, text, 0600) ||
           pn_run_fails(asking, asking->folder, PN_STR("it cannot be written"));
}

struct pn_str
pn_run_keep(struct pn_asking *asking, struct pn_str text)
{
    char *copy = pn_arena_zalloc(asking->texts, text.len + 1);

    if (!copy)
        return (struct pn_str){ 0 };
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return (struct pn_str){ copy, text.len };
}

/* What it reads comes from `in`, and what it writes goes to `out`. An errno. */
static int
spawn(const struct pn_run *run, int in, int out, pid_t *child)
{
    const char *const *environment =
        run->environment ? run->environment : no_environment;
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error)
        return error;
    error = posix_spawn_file_actions_adddup2(&actions, in, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, out, 2);
    if (!error)
        error = posix_spawn(child, run->words[0], &actions, NULL,
                            (char *const *)run->words, (char *const *)environment);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int
pn_run(struct pn_asking *asking, const struct pn_run *run, struct pn_buffer *said)
{
    int in = pn_memory_file_of(run->input), ends[2] = { -1, -1 }, error = 0,
        status = -1;
    pid_t child = -1;

    if (in < 0 || pipe2(ends, O_CLOEXEC) < 0)
        error = errno;
    else
        error = spawn(run, in, ends[1], &child);
    if (ends[1] >= 0)
        close(ends[1]);
    if (!error && child > 0)
        error = pn_child_gather(ends[0], said, PN_PROVE_SECONDS, SAID_MOST);
    if (child > 0)
        status = pn_child_end(child, error);
    if (ends[0] >= 0)
        close(ends[0]);
    if (in >= 0)
        close(in);
    if (error || status < 0) {
        (void)pn_run_fails(asking, run->words[0],
                           pn_str_of_text(error ? strerror(error) : "it was killed"));
        return -1;
    }
    return status;
}

bool
pn_run_well(struct pn_asking *asking, const char *const *words)
{
    const struct pn_run run = { .words = words };
    struct pn_buffer said = { 0 };
    int status = pn_run(asking, &run, &said);

    if (status > 0)
        (void)pn_run_fails(asking, words[0], pn_str_of(&said));
    pn_buffer_free(&said);
    return status == 0;
}

int
pn_run_start(struct pn_asking *asking, const char *const *words)
{
    const struct pn_run run = { .words = words };
    char log[PN_PROVE_PATH + 64];
    int out, in, error = 0;
    pid_t child = -1;

    pn_prove_path(asking->folder, "said", log);
    out = pn_files_open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    in = pn_files_open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
    error = out < 0 || in < 0 ? errno : spawn(&run, in, out, &child);
    if (error)
        (void)pn_run_fails(asking, words[0], pn_str_of_text(strerror(error)));
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return error ? -1 : (int)child;
}

bool
pn_run_lives(int child)
{
    siginfo_t how = { .si_pid = 0 };

    return waitid(P_PID, (id_t)child, &how, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           how.si_pid == 0;
}

void
pn_run_end(int child)
{
    (void)pn_child_end(child, true);
}
