/* The result comes over a socket: a process in a cell may not write(2). */
#define _GNU_SOURCE
#include "server/companions/once.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/descriptors.h"

static void
result_send(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR)
            _exit(1);
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
    }
}

/* All of it, and nothing behind. */
static bool
result_read(int fd, char *out, size_t size, int64_t until_ms)
{
    size_t have = 0;

    for (;;) {
        struct pollfd one = { fd, POLLIN, 0 };
        int64_t left = until_ms - srv_now_ms();
        char more;
        ssize_t got;

        if (left <= 0)
            return false;
        if (poll(&one, 1, (int)left) <= 0)
            continue;
        got =
            have < size ? recv(fd, out + have, size - have, 0) : recv(fd, &more, 1, 0);
        if (got < 0 && errno != EINTR)
            return false;
        if (got == 0)
            return have == size;
        if (got > 0 && have == size)
            return false;
        if (got > 0)
            have += (size_t)got;
    }
}

static bool
child_read(pid_t child, int fd, void *result, size_t size, int64_t most_ms)
{
    char *bytes = malloc(size);
    bool read = bytes && result_read(fd, bytes, size, srv_now_ms() + most_ms);

    (void)kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (read)
        memcpy(result, bytes, size);
    free(bytes);
    return read;
}

bool
srv_once_apart(void (*work)(void *payload, void *result), void *payload, void *result,
               size_t size, int64_t most_ms)
{
    int ends[2];
    bool done = false;
    pid_t child;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    child = fork();
    if (child == 0) {
        srv_descriptors_close_others(ends[1], ends[1]);
        srv_descriptors_close_standard();
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
            _exit(1);
        work(payload, result);
        result_send(ends[1], result, size);
        _exit(0);
    }
    close(ends[1]);
    if (child > 0)
        done = child_read(child, ends[0], result, size, most_ms);
    close(ends[0]);
    return done;
}
