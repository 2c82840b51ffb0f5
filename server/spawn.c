/* clone(2) as vfork(2), on a stack of its own: Linux. */
#define _GNU_SOURCE
#include "server/spawn.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/sizes.h"
#include "server/fatal.h"

enum { STACK_SIZE = 64 * 1024 };

static const char default_path[] = "/bin:/usr/bin";

/* Writes FOLDER/NAME; an empty folder is the working directory. */
static bool
join(char *text, const char *folder, size_t folder_len, const char *name)
{
    size_t len = strlen(name);

    if (folder_len == 0) {
        folder = ".";
        folder_len = 1;
    }
    if (folder_len + len + 2 > PATH_MAX)
        return false;
    memcpy(text, folder, folder_len);
    text[folder_len] = '/';
    memcpy(text + folder_len + 1, name, len + 1);
    return true;
}

void
srv_exec(char *const *argv, char *const *env, const char *path)
{
    srv_exec_file(argv[0], argv, env, path);
}

void
srv_exec_file(const char *file, char *const *argv, char *const *env, const char *path)
{
    char text[PATH_MAX];
    int kept = ENOENT;

    if (strchr(file, '/')) {
        execve(file, argv, env);
        return;
    }
    for (path = path ? path : default_path;; path++) {
        size_t len = strcspn(path, ":");

        if (join(text, path, len, file)) {
            execve(text, argv, env);
            if (errno != ENOENT) {
                kept = errno;
                if (kept != EACCES && kept != EPERM && kept != EISDIR)
                    break;
            }
        }
        path += len;
        if (!*path)
            break;
    }
    errno = kept;
}

/*
 * Discards pending SIGPIPE and SIGXFSZ, which a failed write to the log may have left
 * blocked and which would end the program: ignoring a signal discards it.
 */
static void
forget_signals(void)
{
    static const int numbers[] = { SIGPIPE, SIGXFSZ };
    sigset_t pending;

    if (sigpending(&pending) < 0)
        return;
    for (size_t i = 0; i < PN_COUNT_OF(numbers); i++)
        if (sigismember(&pending, numbers[i]) == 1) {
            signal(numbers[i], SIG_IGN);
            signal(numbers[i], SIG_DFL);
        }
}

static int
child(void *payload)
{
    const struct srv_spawn *spawn = payload;

    if (spawn->started) {
        spawn->started(spawn->payload, getpid());
        forget_signals();
    }
    if (spawn->death_signal)
        (void)prctl(PR_SET_PDEATHSIG, spawn->death_signal); /* no reason not to run */
    if (dup2(spawn->fd, STDIN_FILENO) >= 0 && dup2(spawn->fd, STDOUT_FILENO) >= 0) {
        sigprocmask(SIG_SETMASK, &spawn->mask, NULL);
        srv_exec(spawn->argv, spawn->env, spawn->path);
    }
    if (spawn->failed)
        spawn->failed(spawn->payload, errno);
    _exit(SRV_EXIT_TEMPORARY);
}

pid_t
srv_spawn(const struct srv_spawn *spawn)
{
    /*
     * on the parent's stack, which is not used before the child has executed its
     * program
     */
    char stack[STACK_SIZE] __attribute__((aligned(64)));
    struct srv_spawn copy = *spawn;
    sigset_t all, before;
    int error;
    pid_t pid;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = clone(child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &copy);
    error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}
