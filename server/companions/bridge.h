/*
 * A program with somebody between it and its standard input and output: as with the
 * originals the program keeps our pid, and a child of it does what is between.
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
 * What main() of such a program does: reads its options, and runs the program that
 * follows. In the child, `between` is called with SIGPIPE ignored, 0 and 1 as they
 * were, and its result is the child's exit status. Returns only when nothing runs: the
 * exit status, after a message.
 */
int
srv_bridge_main(const struct srv_command *program, int argc, char **argv,
                int (*child_run)(const struct srv_bridge *bridge));

#endif
