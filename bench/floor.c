/*
 * floor ADDRESS PORT [PROGRAM]: the least that serving can cost. Without PROGRAM each
 * connection is accepted and closed; with it a vfork runs the program on it. There are
 * no rules, no look-ups, no limits and no messages.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/measure.h"

/* NOLINTBEGIN(clang-analyzer-unix.Vfork): what a child of vfork may do is measured */
static void
run(int fd, char **argv)
{
    pid_t pid = vfork(); /* NOLINT: it is what is measured */

    if (pid == 0) {
        dup2(fd, 0);
        dup2(fd, 1);
        execv(argv[0], argv);
        _exit(111);
    }
}
/* NOLINTEND(clang-analyzer-unix.Vfork) */

int
main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (argc < 3 || listener < 0)
        return 100;
    signal(SIGCHLD, SIG_IGN); /* children need no wait */
    inet_pton(AF_INET, argv[1], &address.sin_addr);
    address.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(listener, 1024) < 0)
        return 111;
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            continue;
        if (argc > 3)
            run(fd, argv + 3);
        close(fd);
    }
}
