/* A child that hangs or talks without end is given up, and waited for in any case. */
#include "tools/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static int64_t
now_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
pn_child_gather(int fd, struct pn_buffer *into, int seconds, size_t most)
{
    int64_t until = now_ms() + (int64_t)seconds * 1000, left;
    struct pollfd one = { fd, POLLIN, 0 };
    ssize_t got = 1;

    while (got) {
        left = until - now_ms();
        if (left <= 0)
            return ETIMEDOUT;
        if (poll(&one, 1, (int)left) <= 0)
            continue;
        if (!pn_buffer_reserve(into, CHUNK))
            return ENOMEM;
        got = read(fd, into->bytes + into->size, CHUNK);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got > 0)
            into->size += (size_t)got;
        if (into->size > most)
            return EFBIG;
    }
    return 0;
}

int
pn_child_end(pid_t child, bool stop)
{
    int status = -1;

    if (stop)
        (void)kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
