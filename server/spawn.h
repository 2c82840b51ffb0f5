/*
 * Starts a program. The child shares the parent's memory until it executes the program,
 * as after vfork(2), so that a large image costs nothing. Until then it does only what
 * the program needs, and makes one call of the caller's choosing.
 */
#ifndef SRV_SPAWN_H
#define SRV_SPAWN_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

struct srv_spawn {
    char *const *argv;
    char *const *env;
    const char *path; /* PATH to search; NULL for none */
    int fd;           /* becomes descriptors 0 and 1 */
    int death_signal; /* what it gets when the server ends; 0 for nothing */
    sigset_t mask;    /* signals blocked in the program */
    /* Called in the child before the program runs, with its pid; may write. */
    void (*started)(void *payload, pid_t pid);
    /* Called in the child when the program does not run; then it ends with 111. */
    void (*failed)(void *payload, int error);
    void *payload;
};

/* The child's pid, or -1 with errno set. All signals are blocked meanwhile. */
pid_t
srv_spawn(const struct srv_spawn *spawn);

/*
 * Runs a program as execvp(3), but with this environment, and with the errors of the
 * originals: a folder of PATH that cannot be searched does not end the search, and
 * what is there but cannot be run is EACCES. Returns only when that fails: errno.
 */
void
srv_exec(char *const *argv, char *const *env, const char *path);

/* The same, with a program that is told another name than `file`. */
void
srv_exec_file(const char *file, char *const *argv, char *const *env, const char *path);

#endif
