/*
 * A program whose standard input and output pass through a filter. As in the originals,
 * the program keeps the caller's pid and a child process does the filtering.
 */
#ifndef SRV_COMPANIONS_BRIDGE_H
#define SRV_COMPANIONS_BRIDGE_H

#include <sys/types.h>

#include "server/command.h"

struct srv_bridge {
    int to_program;   /* what the program reads */
    int from_program; /* what it writes */
    pid_t program;    /* its pid, once it runs */
};

/*
 * The main() of such a command: reads its options and runs the program that follows. In
 * the child, `child_run` is called with SIGPIPE ignored and descriptors 0 and 1 as they
 * were; its result is the child's exit status. Returns only on failure, after a
 * message: the exit status.
 */
int
srv_bridge_main(const struct srv_command *program, int argc, char **argv,
                int (*child_run)(const struct srv_bridge *bridge));

#endif
