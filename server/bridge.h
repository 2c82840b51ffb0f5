/*
 * A program with somebody between it and its standard input and output: as with the
 * originals the program keeps our pid, and a child of it does what is between.
 */
#ifndef SRV_BRIDGE_H
#define SRV_BRIDGE_H

#include <sys/types.h>

struct srv_bridge {
    int to_program;   /* what the program reads */
    int from_program; /* what it writes */
    pid_t program;    /* its pid, once it runs */
};

/*
 * Runs argv; in the child, `between` is called with SIGPIPE ignored, 0 and 1 as they
 * were, and its result is the child's exit status. Returns only when that fails: 111,
 * after a message.
 */
int
srv_bridge_run(const char *name, char **argv,
               int (*between)(const struct srv_bridge *bridge));

#endif
