/* Two pipes, and which process gets which ends. */
#include "server/companions/bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/fatal.h"
#include "server/spawn.h"

extern char **environ;

/* Moves a pipe's end to a standard descriptor; both ends are above those. */
static bool
descriptor_move(int from, int to)
{
    if (dup2(from, to) < 0)
        return false;
    close(from);
    return true;
}

static int
become(const char *name, char **argv, const int in[2], const int out[2])
{
    close(in[1]);
    close(out[0]);
    if (!descriptor_move(in[0], STDIN_FILENO) ||
        !descriptor_move(out[1], STDOUT_FILENO))
        return srv_fatal(name, "unable to move descriptors", NULL, errno);
    srv_exec(argv, environ, getenv("PATH"));
    return srv_fatal(name, "unable to run", argv[0], errno);
}

static int
run(const char *name, char **argv, int (*child_run)(const struct srv_bridge *bridge))
{
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct srv_bridge bridge = { .program = getpid() };
    int in[2], out[2];
    pid_t pid;

    if (pipe(in) < 0 || pipe(out) < 0)
        return srv_fatal(name, "unable to create pipe", NULL, errno);
    pid = fork();
    if (pid < 0)
        return srv_fatal(name, "unable to fork", NULL, errno);
    if (pid)
        return become(name, argv, in, out);
    (void)sigaction(SIGPIPE, &ignore, NULL); /* a valid signal */
    close(in[0]);
    close(out[1]);
    (void)fcntl(in[1], F_SETFL,
                O_NONBLOCK); /* no other process uses it; else writes to it may block */
    bridge.to_program = in[1];
    bridge.from_program = out[0];
    _exit(child_run(&bridge));
}

int
srv_bridge_main(const struct srv_command *program, int argc, char **argv,
                int (*child_run)(const struct srv_bridge *bridge))
{
    int at = srv_options_parse(program, argc, argv, NULL);

    if (at <= 0)
        return at < 0 ? SRV_EXIT_PERMANENT : 0;
    if (at == argc)
        return srv_usage(program);
    return run(program->name, argv + at, child_run);
}
